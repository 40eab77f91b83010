import { HostError } from '@lodge/core';

/** Graphs that nobody uses. */
export interface IdleGraphs {
  /** How many memories they have. */
  readonly idleMemories: number;
  dropIdle(): void;
}

/**
 * Counts the memories of all instances of an engine, those that are kept for later ones included. V8 reserves 8 GiB of address space for each, so that there is
 * room for about 16,000 in a process; it takes seconds of collecting garbage before it says that there is none. This says so at once, and so early that
 * what has ended and is not collected yet has room as well.
 */
export class LiveMemories {
  readonly #most: number;
  readonly #graphs = new Set<IdleGraphs>();
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** `graphs` has idle ones, which are let go of when others need the room. */
  open(graphs: IdleGraphs): void {
    this.#graphs.add(graphs);
  }

  /** `graphs` has none any more. */
  close(graphs: IdleGraphs): void {
    this.#graphs.delete(graphs);
  }

  /**
   * Makes room for `count` more; out of what nobody uses, if that is enough.
   *
   * @throws HostError `ERR_LIMIT_EXCEEDED` with `maxLiveMemories` in its details when there is none
   */
  admit(count: number): void {
    if (this.#count + count <= this.#most) return;
    let idle = 0;
    for (const { idleMemories } of this.#graphs) idle += idleMemories;
    if (this.#count + count - idle > this.#most) throw this.#full();
    for (const graphs of this.#graphs) graphs.dropIdle();
  }

  add(count: number): void {
    this.#count += count;
  }

  remove(count: number): void {
    this.#count -= count;
  }

  #full(): HostError {
    return new HostError(
      'ERR_LIMIT_EXCEEDED',
      `There is no room for another instance: those that live have ${this.#count} memories, at most ${this.#most} are allowed (maxLiveMemories); ` +
        'wait until others have ended and are disposed of, or spread them over several processes.',
      { details: { liveMemories: this.#count, maxLiveMemories: this.#most } },
    );
  }
}
