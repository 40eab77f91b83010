import { GuestFault } from '@lodge/core';
import { nextTurn } from './turn.js';

/** A condition that a guest can wait for. */
export interface Readiness {
  /** Whether the condition holds now. Cheap: called at every poll. */
  isReady(): boolean;
  /** Settles when the condition may hold; called only while it does not. A rejection counts as settled. */
  whenReady(): PromiseLike<void>;
  /** The last handle to it is dropped: stop timers and the like. May be called again when there were handles again. */
  close?(): void;
}

/** One wait, which may look at many conditions. */
export interface Waiter {
  /** Called when a condition it was added to has become ready. */
  wake(): void;
}

/**
 * A condition with its waiters and handles. However many waits look at it, it holds one reaction on the condition's
 * promise, and a wait that ends elsewhere leaves nothing behind.
 */
export class Waitable {
  readonly #readiness: Readiness;
  /** Made by the first wait: most conditions are never waited for. */
  #waiters: Set<Waiter> | undefined;
  #isArmed = false;
  #handles = 0;

  constructor(readiness: Readiness) {
    this.#readiness = readiness;
  }

  /** Pollables that are not dropped yet. */
  get handles(): number {
    return this.#handles;
  }

  /** Waits that look at it now. */
  get waiters(): number {
    return this.#waiters?.size ?? 0;
  }

  /** Whether the condition holds now. */
  isReady(): boolean {
    return this.#readiness.isReady();
  }

  /** A new handle to the condition, for a guest. */
  subscribe(): Pollable {
    this.#handles++;
    return new Pollable(this);
  }

  /** A handle is dropped: called by the handle. */
  release(): void {
    this.#handles--;
    if (this.#handles > 0) return;
    // Nobody waits without a handle, but for a guest that was ended while it waited.
    this.#waiters?.clear();
    this.#readiness.close?.();
  }

  /** Wakes `waiter` when the condition becomes ready, until it is removed. */
  add(waiter: Waiter): void {
    this.#waiters ??= new Set();
    this.#waiters.add(waiter);
    if (!this.#isArmed) this.#arm();
  }

  /** The wait is over. */
  remove(waiter: Waiter): void {
    this.#waiters?.delete(waiter);
  }

  #arm(): void {
    this.#isArmed = true;
    const onSettled = (): void => this.#onSettled();
    this.#readiness.whenReady().then(onSettled, onSettled);
  }

  #onSettled(): void {
    this.#isArmed = !this.#wake();
    // Woken for nothing. Waiting for the next turn keeps a condition that cries wolf from starving the event loop.
    if (this.#isArmed) nextTurn().then(() => this.#onNextTurn());
  }

  #onNextTurn(): void {
    this.#isArmed = false;
    if (!this.#wake()) this.#arm();
  }

  /** Wakes the waiters if the condition holds; `false` when they must go on waiting. */
  #wake(): boolean {
    const waiters = this.#waiters;
    if (waiters === undefined || waiters.size === 0) return true;
    try {
      if (!this.#readiness.isReady()) return false;
    } catch {
      // The waiters look again, meet the same error and fail with it.
    }
    for (const waiter of waiters) waiter.wake();
    return true;
  }
}

/** `wasi:io/poll`, `resource pollable`: a guest's handle to something it can wait for. */
export class Pollable {
  /** Unset once dropped. */
  #waitable: Waitable | undefined;

  /** Made by {@link pollable}, {@link Waitable.subscribe} and the `subscribe` of streams. */
  constructor(waitable: Waitable) {
    this.#waitable = waitable;
  }

  /** What the handle waits for. @throws Error when the handle is dropped. */
  get waitable(): Waitable {
    if (this.#waitable === undefined) throw new GuestFault('a pollable was used after it was dropped');
    return this.#waitable;
  }

  /** `ready: func() -> bool` */
  ready(): boolean {
    return this.waitable.isReady();
  }

  /** `block: func()`. A promise only when it must wait. */
  block(): void | Promise<void> {
    const waitable = this.waitable;
    if (!waitable.isReady()) return blockOn(waitable);
  }

  [Symbol.dispose](): void {
    const waitable = this.#waitable;
    this.#waitable = undefined;
    waitable?.release();
  }
}

/** A handle to `readiness` for a guest. Where a guest may take many handles to one thing, share a {@link Waitable} instead. */
export function pollable(readiness: Readiness): Pollable {
  return new Waitable(readiness).subscribe();
}

function blockOn(waitable: Waitable): Promise<void> {
  return new Promise((resolve) => {
    const waiter: Waiter = {
      wake() {
        waitable.remove(waiter);
        resolve();
      },
    };
    waitable.add(waiter);
  });
}
