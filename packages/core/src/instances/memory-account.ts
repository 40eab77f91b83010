import type { HostError } from '../errors.js';
import type { ComponentInfo } from '../workload.js';
import type { GuestMemory } from './guest-memory.js';

/** A life as the accounts see it. */
export interface MemoryHolder {
  readonly instance: { readonly memoryBytes: number } | undefined;
  /** Bytes that it is charged with. Belongs to {@link MemoryAccount}. */
  memoryBytes: number;
  /** Its place in the account; -1 outside of it. */
  memoryIndex: number;
  /** Who uses it now, and can be told to stop. */
  readonly user: { fail(reason: Error): void } | undefined;
}

/** What an account can let go of when memory is short. */
export interface IdleMemory {
  /** Bytes that nobody uses and that are kept for the next life. */
  readonly idleBytes: number;
  /** Bytes that lives which wait for a call are charged with. */
  readonly waitingBytes: number;
  /** How many those are. */
  readonly waitingLives: number;
  /** Lets go of both. */
  dropIdle(): void;
}

/** What the lives of one component hold. */
export class MemoryAccount {
  readonly component: ComponentInfo;
  readonly #host: GuestMemory;
  readonly #idle: IdleMemory;
  /** An array, each life knowing its place: a set would allocate as lives come and go. */
  readonly #lives: MemoryHolder[] = [];
  #liveBytes = 0;
  #idleBytes = 0;
  /** What the latest new life began with: what the next one will take. */
  #startBytes = 0;

  constructor(host: GuestMemory, component: ComponentInfo, idle: IdleMemory) {
    this.#host = host;
    this.component = component;
    this.#idle = idle;
  }

  /** Lives, those that wait for a call included. */
  get lives(): number {
    return this.#lives.length;
  }

  /** Bytes of all lives, and those that are kept for the next ones. */
  get bytes(): number {
    return this.#liveBytes + this.#idleBytes;
  }

  get waitingLives(): number {
    return this.#idle.waitingLives;
  }

  /** @throws HostError `ERR_LIMIT_EXCEEDED` when another life would not fit */
  admit(): void {
    if (!this.#host.isBounded) return;
    // What is kept is charged already.
    const wanted = this.#idleBytes >= this.#startBytes ? 0 : this.#startBytes;
    if (!this.#host.makeRoom(wanted))
      throw this.#host.refusal(this.component, 'there is no room for another instance of');
  }

  /**
   * A life has begun.
   *
   * @throws HostError `ERR_LIMIT_EXCEEDED` when it turns out not to fit; the caller ends it
   */
  began(life: MemoryHolder): void {
    life.memoryIndex = this.#lives.push(life) - 1;
    if (!this.#host.isBounded) return;
    this.#charge(life, life.instance?.memoryBytes ?? 0);
    this.#startBytes = life.memoryBytes;
    this.#recountIdle();
    if (this.#host.isOver && !this.#host.makeRoom(0)) {
      throw this.#host.refusal(this.component, 'there is no room for another instance of');
    }
  }

  /**
   * A life may have grown: one that is in a call and finds no room for that is ended, one that is not is left to its keeper. Answers whether it may go
   * on. As long as it is in a call, it is measured again.
   */
  measure(life: MemoryHolder): boolean {
    if (!this.#host.isBounded || life.memoryIndex < 0) return true;
    const bytes = life.instance?.memoryBytes ?? 0;
    const hasGrown = bytes > life.memoryBytes;
    this.#charge(life, bytes);
    const { user } = life;
    if (!hasGrown || this.#host.makeRoom(0)) {
      if (user !== undefined) this.#host.watch();
      return true;
    }
    // Its call has ended well: nobody is refused anything.
    if (user === undefined) return false;
    const reason = this.#host.refusal(
      this.component,
      'there is no room for the memory that was asked for by an instance of',
    );
    // From here on it makes room for others, who need not be ended as well.
    this.#remove(life);
    user.fail(reason);
    return false;
  }

  /** As {@link GuestMemory.dropWaiting}. */
  dropWaiting(): boolean {
    return this.#host.dropWaiting();
  }

  /** As {@link GuestMemory.engineIsFull}. */
  engineIsFull(error: HostError): void {
    this.#host.engineIsFull(this.component, error);
  }

  /** A life stays in its call although its guest has returned. */
  watch(): void {
    if (this.#host.isBounded) this.#host.watch();
  }

  /** A life has ended. Idempotent. */
  ended(life: MemoryHolder): void {
    this.#remove(life);
    if (this.#host.isBounded) this.#recountIdle();
  }

  /** Counts anew, every life. */
  sample(): void {
    if (this.#host.isBounded) {
      for (const life of [...this.#lives]) this.measure(life);
    } else {
      for (const life of this.#lives) this.#charge(life, life.instance?.memoryBytes ?? 0);
    }
    this.#recountIdle();
  }

  /** Bytes that {@link dropIdle} would let go of, counted anew. */
  countDroppable(): number {
    this.#recountIdle();
    return this.#idleBytes + this.#idle.waitingBytes;
  }

  dropIdle(): void {
    this.#idle.dropIdle();
    this.#recountIdle();
  }

  /** The component is gone. */
  close(): void {
    for (const life of [...this.#lives]) this.#remove(life);
    this.#host.charge(-this.#idleBytes);
    this.#idleBytes = 0;
    this.#host.forget(this);
  }

  #remove(life: MemoryHolder): void {
    const index = life.memoryIndex;
    if (index < 0) return;
    this.#charge(life, 0);
    life.memoryIndex = -1;
    const last = this.#lives.pop();
    if (last === undefined || last === life) return;
    this.#lives[index] = last;
    last.memoryIndex = index;
  }

  #charge(life: MemoryHolder, bytes: number): void {
    const more = bytes - life.memoryBytes;
    if (more === 0) return;
    life.memoryBytes = bytes;
    this.#liveBytes += more;
    this.#host.charge(more);
  }

  #recountIdle(): void {
    const { idleBytes } = this.#idle;
    this.#host.charge(idleBytes - this.#idleBytes);
    this.#idleBytes = idleBytes;
  }
}
