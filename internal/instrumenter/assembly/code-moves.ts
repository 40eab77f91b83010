import { ByteWriter } from './byte-writer';
import { Words } from './words';

/** Bytes of steps in all: more than code has whose debug information is not too long to be read. What is beyond is not known. */
const maxBytes: i32 = 4194304;
/** The same for one body: two milliseconds of work to look something up. */
const maxBodyBytes: i32 = 131072;

/** Where the instructions of written function bodies stood before, in some three bytes for each place where something else was written. */
export class CodeMoves {
  /** For each range that was copied: how many bytes were written before it, how far it stood behind the last one, and its length. */
  readonly steps: ByteWriter = new ByteWriter(1024);
  /** Where the steps of each body begin. */
  readonly starts: Words = new Words(1024);
  private bodyStart: i32 = 0;
  private read: i32 = 0;
  private written: i32 = 0;

  /** The next body is read from `source` on and written from `target` on. */
  beginBody(source: i32, target: i32): void {
    this.bodyStart = this.steps.length;
    this.starts.push(this.bodyStart);
    this.read = source;
    this.written = target;
  }

  /** The range from `from` to `to` is written at `target`; what was written since the last one counts as where that ended. */
  copy(from: i32, to: i32, target: i32): void {
    const steps = this.steps;
    if (steps.length >= maxBytes || steps.length - this.bodyStart >= maxBodyBytes) return;
    steps.leb(target - this.written);
    steps.signedLeb(from - this.read);
    steps.leb(to - from);
    this.read = to;
    this.written = target + to - from;
  }
}
