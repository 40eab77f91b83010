import type { Reader } from '../binary/reader.js';
import type { Label, SmallLoop } from './body-facts.js';

/** Bytes of a loop's body beyond which looking after it costs little beside it. */
const mostBytes = 100;

/** Whether the block that begins at `at` has no parameters, as its type shows that is not one of the module. */
export function takesNothing(bytes: Uint8Array, at: number): boolean {
  return ((bytes[at + 1] ?? 0) & 0xc0) === 0x40;
}

/** A loop without loops, calls and long instructions so far. */
export class LoopCandidate {
  readonly #at: number;
  readonly #bodyStart: number;
  /** How many blocks are open in its body when none of its own is. */
  readonly #depth: number;
  readonly #exits: Label[] = [];
  #isRepeated = false;

  private constructor(at: number, bodyStart: number, depth: number) {
    this.#at = at;
    this.#bodyStart = bodyStart;
    this.#depth = depth;
  }

  /** The loop at `at`, whose body begins where the reader is. Undefined when it may take parameters. */
  static at(at: number, reader: Reader, depth: number): LoopCandidate | undefined {
    return takesNothing(reader.bytes, at) ? new LoopCandidate(at, reader.position, depth) : undefined;
  }

  /** A branch in its body, by its immediate, where `openBlocks` are open. */
  branch(at: number, end: number, depth: number, openBlocks: number): void {
    const inside = openBlocks - this.#depth;
    if (depth > inside) this.#exits.push({ at, end, depth });
    else this.#isRepeated ||= depth === inside;
  }

  /** Its `end` stands at `bodyEnd`. Undefined when it is too long, or never repeated. */
  end(bodyEnd: number): SmallLoop | undefined {
    if (bodyEnd - this.#bodyStart > mostBytes || !this.#isRepeated) return undefined;
    return { at: this.#at, bodyStart: this.#bodyStart, bodyEnd, exits: this.#exits };
  }
}
