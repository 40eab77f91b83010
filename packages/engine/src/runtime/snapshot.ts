import { Buffer } from 'node:buffer';

/** The granularity at which zero and other memory are told apart: a page of the operating system. */
const blockSize = 4096;

/** A stretch of memory: zero, or these bytes. */
interface Run {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array | undefined;
}

/** Makes a memory zero from `start` to `end`, both multiples of 4,096 bytes, `end` the greater one. */
export type Clear = (start: number, end: number) => void;

/** What a memory held when it was new. */
export class Snapshot {
  /** Bytes of the memory. */
  readonly size: number;
  readonly #runs: Run[] = [];

  constructor(memory: Uint8Array) {
    this.size = memory.length;
    const bytes = Buffer.from(memory.buffer, memory.byteOffset, memory.length);
    for (let start = 0; start < memory.length; ) {
      const isZero = isZeroBlock(bytes, start);
      let end = start + blockSize;
      while (end < memory.length && isZeroBlock(bytes, end) === isZero) end += blockSize;
      end = Math.min(end, memory.length);
      this.#runs.push({ start, end, bytes: isZero ? undefined : memory.slice(start, end) });
      start = end;
    }
  }

  /** Makes a memory hold exactly that again, and zeros in what it has grown by. */
  restore(memory: Uint8Array, clear: Clear): void {
    if (memory.length > this.size) clear(this.size, memory.length);
    for (const { start, end, bytes } of this.#runs) {
      if (bytes === undefined) clear(start, end);
      else memory.set(bytes, start);
    }
  }
}

const zeros = Buffer.alloc(blockSize);

function isZeroBlock(memory: Buffer, start: number): boolean {
  const end = Math.min(start + blockSize, memory.length);
  return memory.compare(zeros, 0, end - start, start, end) === 0;
}
