import type { KnownHost } from './host-directory.js';

/** A host appeared, said something new of itself, or was not heard of for too long. */
export interface HostChange {
  readonly type: 'joined' | 'updated' | 'left';
  readonly host: KnownHost;
}

/** How to follow changes. */
export interface HostChangesOptions {
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal;
}

/**
 * Changes that one reader has not read yet: at most one per host, so that a slow reader costs nothing. What it misses in between makes no difference to it:
 * a host that joined and left was never there.
 */
export class HostChanges implements AsyncIterableIterator<HostChange, undefined> {
  readonly #pending = new Map<string, HostChange>();
  readonly #onEnd: () => void;
  #wake: PromiseWithResolvers<void> | undefined;
  #isEnded = false;
  #failure: Error | undefined;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  push(change: HostChange): void {
    const { hostId } = change.host;
    const merged = merge(this.#pending.get(hostId)?.type, change.type);
    if (merged === undefined) this.#pending.delete(hostId);
    else this.#pending.set(hostId, { ...change, type: merged });
    this.#wakeReaders();
  }

  /** Nothing comes any more; the reader gets `failure` once it has read the rest. */
  end(failure?: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#failure = failure;
    this.#wakeReaders();
    this.#onEnd();
  }

  async next(): Promise<IteratorResult<HostChange, undefined>> {
    while (this.#pending.size === 0 && !this.#isEnded) {
      this.#wake ??= Promise.withResolvers();
      await this.#wake.promise;
    }
    const [first] = this.#pending;
    if (first !== undefined) {
      this.#pending.delete(first[0]);
      return { done: false, value: first[1] };
    }
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<HostChange, undefined>> {
    this.#pending.clear();
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #wakeReaders(): void {
    this.#wake?.resolve();
    this.#wake = undefined;
  }
}

type ChangeType = HostChange['type'];

/** What two changes of one host come to for who has seen neither; `undefined`: nothing. */
function merge(earlier: ChangeType | undefined, later: ChangeType): ChangeType | undefined {
  if (earlier === 'joined') return later === 'left' ? undefined : 'joined';
  if (earlier === 'left') return later === 'left' ? 'left' : 'updated';
  return later;
}
