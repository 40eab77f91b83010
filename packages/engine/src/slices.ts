import { nextTurn } from './next-turn.js';

/** Milliseconds of work between two turns of the event loop: the least, and the most where those take long anyway. */
const leastMs = 4;
const mostMs = 16;
/** How large a part of a long turn is taken: on a busy thread the work would not get anywhere otherwise, and what waits for it keeps the thread busy. */
const share = 0.25;

/** Divides long work: ask after each small piece of it, and wait for the next slice when this one is over. */
export class Slices {
  #end = performance.now() + leastMs;

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** Lets the event loop have its turn. */
  async next(): Promise<void> {
    const before = performance.now();
    await nextTurn();
    const now = performance.now();
    this.#end = now + Math.min(mostMs, Math.max(leastMs, (now - before) * share));
  }
}
