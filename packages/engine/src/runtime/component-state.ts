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
  /** Free indices, last in, first out: guests can observe which one is used again. */
  readonly #free: number[] = [];
  // Own counts instead of array lengths: shrinking an array costs more than everything else about ending a life, or a call.
  #freeCount = 0;
  #next = 1;
  #live = 0;
  readonly #clock: { now: number };

  /** `clock` counts the handles of a whole graph, so that they can be dropped newest first. */
  constructor(maxHandles: number, clock: { now: number }) {
    this.#maxHandles = maxHandles;
    this.#clock = clock;
  }

  #isEntered = false;
  /** Resources of the host between a handle that is gone and an owner that has not got them yet. */
  readonly #leaving: unknown[] = [];
  #leavingCount = 0;
  /** Handles that are lent to the call that is being made. */
  readonly #lent = new Set<number>();
  #mark = 0;

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
    if (this.#lent.size > 0 && this.#lent.has(index)) trap(`handle ${index} is lent and cannot be given away`);
    return this.#remove(index);
  }

  /** As {@link rep}, for a call that also takes handles away, until {@link given}. */
  lend(index: number, resource: number): unknown {
    this.#lent.add(index);
    return this.rep(index, resource);
  }

  /** As {@link takeOwn}, for a resource of the host that has no new owner before {@link given} says so. */
  giveOut(index: number, resource: number): unknown {
    const rep = this.takeOwn(index, resource);
    this.#leaving[this.#leavingCount++] = rep;
    return rep;
  }

  /** What was given out has arrived. */
  given(): void {
    while (this.#leavingCount > 0) this.#leaving[--this.#leavingCount] = undefined;
    if (this.#lent.size > 0) this.#lent.clear();
  }

  /** The arguments of a call are about to be lowered. */
  mark(): void {
    this.#mark = this.#clock.now;
  }

  /** Takes back the handles made since {@link mark}: the call they were made for does not take place. */
  rollBack(): void {
    const made: number[] = [];
    for (let index = 1; index < this.#next; index++) {
      if (this.#kinds[index] !== freeSlot && (this.#births[index] ?? 0) > this.#mark) made.push(index);
    }
    made.sort((a, b) => (this.#births[b] ?? 0) - (this.#births[a] ?? 0));
    for (const index of made) this.#remove(index);
    this.borrows = 0;
    this.#isEntered = false;
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

  /** Empties the table, so that indices begin anew; adds the host objects that owning handles held, with their age, to `held`. */
  clear(isHostResource: (resource: number) => boolean, held: HeldResource[]): void {
    for (let index = 1; this.#live > 0 && index < this.#next; index++) {
      const kind = this.#kinds[index] ?? freeSlot;
      if (kind === freeSlot) continue;
      if ((kind & 1) === 0 && isHostResource(kind >> 1)) {
        held.push({ rep: this.#reps[index], birth: this.#births[index] ?? 0 });
      }
      this.#remove(index);
    }
    for (let index = 0; index < this.#leavingCount; index++)
      held.push({ rep: this.#leaving[index], birth: this.#clock.now });
    this.given();
    this.#next = 1;
    this.#freeCount = 0;
    this.borrows = 0;
    this.#isEntered = false;
  }

  #add(kind: number, rep: unknown): number {
    let index: number;
    if (this.#freeCount > 0) index = this.#free[--this.#freeCount] ?? 0;
    else if (this.#next <= this.#maxHandles) index = this.#next++;
    else throw new LimitExceeded(`it holds more than ${this.#maxHandles} handles`);
    this.#live++;
    this.#kinds[index] = kind;
    this.#reps[index] = rep;
    this.#births[index] = ++this.#clock.now;
    return index;
  }

  #remove(index: number): unknown {
    const rep = this.#reps[index];
    this.#kinds[index] = freeSlot;
    this.#reps[index] = undefined;
    this.#free[this.#freeCount++] = index;
    this.#live--;
    return rep;
  }

  #refuse(index: number): never {
    const kind = this.#kinds[index];
    trap(
      kind === undefined || kind === freeSlot ? `unknown handle index ${index}` : `handle ${index} is of another type`,
    );
  }
}

/** A host object that a handle owned, and when the handle was made. */
export interface HeldResource {
  readonly rep: unknown;
  readonly birth: number;
}
