import { HostError } from '../errors.js';
import type { LogFields, Logger } from '../logger.js';
import type { ComponentInfo } from '../workload.js';
import { type IdleMemory, MemoryAccount } from './memory-account.js';
import { unrefTimer } from './unref-timer.js';

/** What one component holds. */
export interface MemoryUse {
  readonly component: ComponentInfo;
  readonly bytes: number;
  readonly lives: number;
}

/** Milliseconds between two lines in the log about refusals: they come at the rate of the calls. */
const quietMs = 10_000;

/** How often lives that are in a call are looked at: a guest that waits may have grown in between. Milliseconds. */
const sampleMs = 50;

/**
 * The linear memory of all guests of a host. With a ceiling, a life that would not fit is refused, and one that grows past it while others hold the rest is
 * ended; without one nothing is counted until somebody asks.
 */
export class GuestMemory {
  readonly maxBytes: number;
  readonly #accounts = new Set<MemoryAccount>();
  readonly #logger: Logger;
  #bytes = 0;
  /** Since the last line in the log. */
  #refusals = 0;
  #quietUntil = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  /** @param maxBytes `Infinity`: no ceiling */
  constructor(maxBytes: number, logger: Logger) {
    this.maxBytes = maxBytes;
    this.#logger = logger;
  }

  /** Whether there is a ceiling. */
  get isBounded(): boolean {
    return this.maxBytes !== Number.POSITIVE_INFINITY;
  }

  get isOver(): boolean {
    return this.#bytes > this.maxBytes;
  }

  open(component: ComponentInfo, idle: IdleMemory): MemoryAccount {
    const account = new MemoryAccount(this, component, idle);
    this.#accounts.add(account);
    return account;
  }

  /** What every component holds now. */
  use(): MemoryUse[] {
    const all: MemoryUse[] = [];
    for (const account of this.#accounts) {
      account.sample();
      const { component, bytes, lives } = account;
      all.push({ component, bytes, lives });
    }
    return all;
  }

  /** Takes no more samples. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** For {@link MemoryAccount}. */
  charge(bytes: number): void {
    this.#bytes += bytes;
  }

  /** For {@link MemoryAccount}. */
  forget(account: MemoryAccount): void {
    this.#accounts.delete(account);
  }

  /**
   * Makes room for `bytes` more out of what nobody uses; answers whether there is enough. Where all of that would not be enough it is left alone: the
   * others would be cold and nobody helped.
   */
  makeRoom(bytes: number): boolean {
    if (this.#hasRoom(bytes)) return true;
    let droppable = 0;
    for (const account of this.#accounts) droppable += account.countDroppable();
    if (!this.#hasRoom(bytes - droppable)) return false;
    for (const account of this.#accounts) {
      if (this.#hasRoom(bytes)) return true;
      account.dropIdle();
    }
    return this.#hasRoom(bytes);
  }

  /** Looks at all lives in a while. Those that are in a call then have it look again: there is no timer while all are idle. */
  watch(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      for (const account of this.#accounts) account.sample();
    }, sampleMs);
    unrefTimer(this.#timer);
  }

  refusal(component: ComponentInfo, what: string): HostError {
    this.#tellOnce('guest memory is full: calls are refused', component, {
      guestMemoryBytes: this.#bytes,
      maxGuestMemoryBytes: this.maxBytes,
    });
    return new HostError(
      'ERR_LIMIT_EXCEEDED',
      `${what} component '${component.name}': the guests of this host hold ${this.#bytes} of ${this.maxBytes} bytes (maxGuestMemoryBytes); ` +
        'try again when others have ended, or raise the ceiling',
      { details: { component: component.name, guestMemoryBytes: this.#bytes, maxGuestMemoryBytes: this.maxBytes } },
    );
  }

  /** The engine is full: lets go of the lives of one component that wait for calls. Answers whether there were any. */
  dropWaiting(): boolean {
    for (const account of this.#accounts) {
      if (account.waitingLives === 0) continue;
      account.dropIdle();
      return true;
    }
    return false;
  }

  /** The engine is full, and nobody keeps anything that could be let go of. */
  engineIsFull(component: ComponentInfo, { details }: HostError): void {
    this.#tellOnce('the engine has no room for more instances: calls are refused', component, details);
  }

  /** One line for all refusals of a while. */
  #tellOnce(message: string, { workload, name }: ComponentInfo, fields: LogFields): void {
    this.#refusals += 1;
    const now = performance.now();
    if (now < this.#quietUntil) return;
    this.#quietUntil = now + quietMs;
    this.#logger.log('warn', message, {
      workload: workload.id,
      component: name,
      refusals: this.#refusals,
      ...fields,
    });
    this.#refusals = 0;
  }

  #hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= this.maxBytes;
  }
}

/** Whether a call was refused, or ended, because of the ceiling, or refused because the engine is full. */
export function isMemoryRefusal(error: unknown): boolean {
  return isEngineFull(error) || (HostError.is(error, 'ERR_LIMIT_EXCEEDED') && 'maxGuestMemoryBytes' in error.details);
}

/** Whether the engine has no room for another life, whichever component it is of. */
export function isEngineFull(error: unknown): error is HostError {
  return HostError.is(error, 'ERR_LIMIT_EXCEEDED') && 'maxLiveMemories' in error.details;
}
