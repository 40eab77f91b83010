import type { KeyValueChange } from '../backend.js';

/** From this many waiting changes on, only the last of each key is kept. */
const maxBacklog = 1_024;

/** Keys that may wait at all: more are more than any reader will ever catch up with. */
const maxKeys = 65_536;

/** Changes on their way to one watch. For a slow reader states in between are left out, never the last one of a key. */
export class ChangeQueue implements AsyncIterableIterator<KeyValueChange> {
  readonly #onClose: () => void;
  /** By number, in order. */
  readonly #changes = new Map<number, KeyValueChange>();
  /** The number of the last waiting change of each key. */
  readonly #lastOfKey = new Map<string, number>();
  #next = 0;
  #wake: (() => void) | undefined;
  #isClosed = false;

  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  push(change: KeyValueChange): void {
    const { key } = change;
    const earlier = this.#lastOfKey.get(key);
    if (earlier !== undefined && this.#changes.size >= maxBacklog) this.#changes.delete(earlier);
    const number = this.#next++;
    this.#changes.set(number, change);
    this.#lastOfKey.set(key, number);
    if (this.#changes.size > maxBacklog + maxKeys) this.close();
    this.#wake?.();
  }

  /** Ends the iteration and drops what waits. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#changes.clear();
    this.#lastOfKey.clear();
    this.#onClose();
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<KeyValueChange>> {
    while (true) {
      if (this.#isClosed) return { done: true, value: undefined };
      for (const [number, { key, value }] of this.#changes) {
        this.#changes.delete(number);
        if (this.#lastOfKey.get(key) === number) this.#lastOfKey.delete(key);
        return { done: false, value: { key, value: value?.slice() } };
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  async return(): Promise<IteratorResult<KeyValueChange>> {
    this.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
