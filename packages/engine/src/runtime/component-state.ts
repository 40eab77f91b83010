import { LimitExceeded, trap } from './faults.js';

/** An entry's kind is its resource's id times two, plus one for a borrow; a free slot has this. */
const freeSlot = -1;

/** What one component instance of a graph has at run time: its flags and its handle table. */
export class ComponentState {
  /** Canonical ABI `may_leave`: false while `realloc`, post-return or nothing at all may call out. */
  mayLeave = true;
  /** Borrows handed to the running call and not dropped yet. */
  borrows = 0;
  readonly #maxHandles: number;
  // Parallel arrays: a lookup touches one small integer, and no object is made per handle. Index 0 is reserved by the ABI.
  readonly #kinds: number[] = [freeSlot];
  readonly #reps: unknown[] = [undefined];
  readonly #births: number[] = [0];
  /** Last in, first out: guests can observe which index is used again. */
  readonly #free: number[] = [];
  readonly #clock: { now: number };

  /** `clock` counts the handles of a whole graph, so that they can be dropped newest first. */
  constructor(maxHandles: number, clock: { now: number }) {
    this.#maxHandles = maxHandles;
    this.#clock = clock;
  }

  #isEntered = false;

  /** Begins a call into this component instance from another one of its graph. */
  enter(): void {
    if (this.#isEntered) trap('a component instance was entered again by a call it had made itself');
    this.#isEntered = true;
  }

  leave(): void {
    this.#isEntered = false;
  }

  /** Adds an owning handle; answers its index. */
  addOwn(resource: number, rep: unknown): number {
    return this.#add(resource * 2, rep);
  }

  /** Adds a borrow that the guest must drop before the running call returns. */
  addBorrow(resource: number, rep: unknown): number {
    this.borrows++;
    return this.#add(resource * 2 + 1, rep);
  }

  /** What the handle refers to, owned or borrowed. */
  rep(index: number, resource: number): unknown {
    const kind = this.#kinds[index];
    if (kind === undefined || kind >> 1 !== resource) this.#refuse(index);
    return this.#reps[index];
  }

  /** Takes an owning handle out of the table. */
  takeOwn(index: number, resource: number): unknown {
    if (this.#kinds[index] !== resource * 2) this.#refuse(index);
    return this.#remove(index);
  }

  /** Whether the handle owns what it refers to. */
  isOwn(index: number, resource: number): boolean {
    const kind = this.#kinds[index];
    if (kind === undefined || kind >> 1 !== resource) this.#refuse(index);
    return (kind & 1) === 0;
  }

  dropBorrow(index: number): void {
    this.#remove(index);
    this.borrows--;
  }

  /** Empties the table; answers the host objects that owning handles held, with their age. */
  clear(isHostResource: (resource: number) => boolean): { rep: unknown; birth: number }[] {
    const held: { rep: unknown; birth: number }[] = [];
    this.#kinds.forEach((kind, index) => {
      if (kind === freeSlot || (kind & 1) === 1 || !isHostResource(kind >> 1)) return;
      held.push({ rep: this.#reps[index], birth: this.#births[index] ?? 0 });
    });
    this.#kinds.length = 1;
    this.#reps.length = 1;
    this.#births.length = 1;
    this.#free.length = 0;
    this.borrows = 0;
    return held;
  }

  #add(kind: number, rep: unknown): number {
    const index = this.#free.pop() ?? this.#kinds.length;
    if (index > this.#maxHandles) throw new LimitExceeded(`it holds more than ${this.#maxHandles} handles`);
    this.#kinds[index] = kind;
    this.#reps[index] = rep;
    this.#births[index] = ++this.#clock.now;
    return index;
  }

  #remove(index: number): unknown {
    const rep = this.#reps[index];
    this.#kinds[index] = freeSlot;
    this.#reps[index] = undefined;
    this.#free.push(index);
    return rep;
  }

  #refuse(index: number): never {
    const kind = this.#kinds[index];
    trap(
      kind === undefined || kind === freeSlot ? `unknown handle index ${index}` : `handle ${index} is of another type`,
    );
  }
}
