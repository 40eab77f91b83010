import { nextTurn } from '../next-turn.js';

/** Milliseconds of work between two turns of the event loop. */
const sliceMs = 4;

/** Divides long work: ask after each small piece of it, and wait for the next slice when this one is over. */
export class Slices {
  #end = performance.now() + sliceMs;

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** Lets the event loop have its turn. */
  async next(): Promise<void> {
    await nextTurn();
    this.#end = performance.now() + sliceMs;
  }
}
