import { type Pollable, type Readiness, Waitable } from '@lodge/wasi/io';
import { Gate } from '../gate.js';

/** A nested WIT `result`. */
export type Result<T, E> = { readonly tag: 'ok'; readonly val: T } | { readonly tag: 'err'; readonly val: E };

/** A value that arrives later and is taken once: what the futures of `wasi:http` have in common. */
export class Future<T> implements Readiness {
  #value: T | undefined;
  #isTaken = false;
  readonly #settled: Gate = new Gate();
  readonly #waitable: Waitable = new Waitable(this);

  /** Sets the value. Only the first counts. */
  settle(value: T): void {
    if (this.#value !== undefined || this.#isTaken) return;
    this.#value = value;
    this.#settled.open();
  }

  /** `undefined`: not there yet; `ok` the first time, `err` ever after. */
  take(): Result<T, undefined> | undefined {
    if (this.#isTaken) return { tag: 'err', val: undefined };
    const value = this.#value;
    if (value === undefined) return undefined;
    this.#isTaken = true;
    this.#value = undefined;
    return { tag: 'ok', val: value };
  }

  /** The value, if it is there and nobody took it. Nobody can take it afterwards. */
  drop(): T | undefined {
    const value = this.#value;
    this.#isTaken = true;
    this.#value = undefined;
    this.#settled.open();
    return value;
  }

  isReady(): boolean {
    return this.#isTaken || this.#value !== undefined;
  }

  whenReady(): Promise<void> {
    return this.#settled.wait();
  }

  subscribe(): Pollable {
    return this.#waitable.subscribe();
  }

  /** Whether pollables of it are still there. */
  get hasPollables(): boolean {
    return this.#waitable.handles > 0;
  }
}
