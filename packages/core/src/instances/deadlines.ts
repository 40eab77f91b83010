import { unrefTimer } from './unref-timer.js';

/** Something that ends at a point in time unless it is removed before. */
export interface Expiring {
  /** Milliseconds on the clock of `performance.now()`. */
  readonly dueAt: number;
  /** Belongs to {@link Deadlines}; -1 while the entry is not in it. */
  heapIndex: number;
  expire(): void;
}

/** The longest time that `setTimeout` can wait. */
const maxTimeout = 2 ** 31 - 1;

/**
 * The deadlines of all calls of a host in one heap behind one timer: adding and removing one costs tens of nanoseconds, a timer of
 * its own would cost a microsecond. A removal leaves the timer armed; it finds nothing due and sets itself for the next.
 */
export class Deadlines {
  readonly #heap: Expiring[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #armedFor = Infinity;

  /** How many entries wait. */
  get size(): number {
    return this.#heap.length;
  }

  /** An entry due at `Infinity` is not kept at all. */
  add(entry: Expiring): void {
    if (entry.dueAt === Infinity) return;
    const index = this.#heap.length;
    this.#heap.push(entry);
    this.#siftUp(entry, index);
    if (entry.dueAt < this.#armedFor) this.#arm(entry.dueAt);
  }

  /** Idempotent. */
  remove(entry: Expiring): void {
    const index = entry.heapIndex;
    if (index < 0) return;
    entry.heapIndex = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#siftUp(last, index);
    if (last.heapIndex === index) this.#siftDown(last, index);
  }

  /** Disarms the timer; entries that are left never expire. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // Nothing is earlier than this, so nothing arms the timer again.
    this.#armedFor = -Infinity;
  }

  #arm(dueAt: number): void {
    clearTimeout(this.#timer);
    this.#armedFor = dueAt;
    const delay = Math.min(Math.max(Math.ceil(dueAt - performance.now()), 0), maxTimeout);
    this.#timer = setTimeout(() => this.#expireDue(), delay);
    unrefTimer(this.#timer);
  }

  #expireDue(): void {
    this.#timer = undefined;
    this.#armedFor = Infinity;
    const now = performance.now();
    for (let first = this.#heap[0]; first !== undefined && first.dueAt <= now; first = this.#heap[0]) {
      this.remove(first);
      first.expire();
    }
    const next = this.#heap[0];
    if (next !== undefined && next.dueAt < this.#armedFor) this.#arm(next.dueAt);
  }

  #siftUp(entry: Expiring, from: number): void {
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#heap[parentIndex];
      if (parent === undefined || parent.dueAt <= entry.dueAt) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(entry, index);
  }

  #siftDown(entry: Expiring, from: number): void {
    let index = from;
    for (;;) {
      let childIndex = 2 * index + 1;
      const right = this.#heap[childIndex + 1];
      let child = this.#heap[childIndex];
      if (child === undefined) break;
      if (right !== undefined && right.dueAt < child.dueAt) {
        child = right;
        childIndex += 1;
      }
      if (child.dueAt >= entry.dueAt) break;
      this.#place(child, index);
      index = childIndex;
    }
    this.#place(entry, index);
  }

  #place(entry: Expiring, index: number): void {
    this.#heap[index] = entry;
    entry.heapIndex = index;
  }
}
