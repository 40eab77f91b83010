import type { KeyValueBucket, KeyValueEntry, MaybePromise } from '../backend.js';
import { KeyValueError } from '../errors.js';

/** How a draft reads the 64 bits of a counter. */
export interface CounterType {
  /** The number in the 64 bits. */
  read(bits: bigint): bigint;
  readonly min: bigint;
  readonly max: bigint;
}

/** Counters of the first draft. */
export const unsigned: CounterType = { read: (bits) => bits, min: 0n, max: 2n ** 64n - 1n };

/** Counters of the second draft: the same bytes for every number that both know. */
export const signed: CounterType = { read: (bits) => BigInt.asIntN(64, bits), min: -(2n ** 63n), max: 2n ** 63n - 1n };

/** Whoever loses this often against others is told so, and not kept for ever. */
const maxAttempts = 200;

/** One increment. */
export interface Increment {
  readonly key: string;
  readonly delta: bigint;
  readonly type: CounterType;
}

/** The counters of one bucket. Those who increment the same key take turns here, instead of fighting for it in the store. */
export class Counters {
  readonly #bucket: KeyValueBucket;
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(bucket: KeyValueBucket) {
    this.#bucket = bucket;
  }

  /**
   * Adds to a counter: 8 bytes, big-endian, on every backend. A missing key counts as 0. Never counts twice, and an answer means that the
   * store has it.
   *
   * @throws KeyValueError `other` when the value is no counter, or the sum does not fit
   */
  increment(request: Increment): MaybePromise<bigint> {
    const { key } = request;
    if (this.#turns.has(key)) return this.#takeTurn(request);
    const entry = this.#bucket.get(key);
    if (entry instanceof Promise) return this.#takeTurn(request, entry);
    const next = add(entry.value, request);
    const isSwapped = this.#bucket.swap(key, encode(next), entry.version);
    if (isSwapped === true) return next;
    throw new TypeError('the backend is not as synchronous as it says');
  }

  async #takeTurn(request: Increment, first?: Promise<KeyValueEntry>): Promise<bigint> {
    const { key } = request;
    const before = this.#turns.get(key);
    const mine = (async () => {
      // Whoever was before has told its own caller how it went.
      await before?.catch(() => {});
      return this.#incrementAlone(request, first);
    })();
    this.#turns.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#turns.get(key) === mine) this.#turns.delete(key);
    }
  }

  async #incrementAlone(request: Increment, first: Promise<KeyValueEntry> | undefined): Promise<bigint> {
    const { key } = request;
    let entry = first;
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const { value, version } = await (entry ?? this.#bucket.get(key));
      const next = add(value, request);
      if (await this.#bucket.swap(key, encode(next), version)) return next;
      entry = undefined;
      // Other hosts want the key too: who waits a random time meets fewer of them.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(attempt * 2, 20)));
    }
    throw new KeyValueError('other', 'too many others write this counter');
  }
}

function add(value: Uint8Array | undefined, { delta, type }: Increment): bigint {
  const next = type.read(decode(value)) + delta;
  if (next < type.min || next > type.max) throw new KeyValueError('other', 'the counter would overflow');
  return next;
}

function decode(value: Uint8Array | undefined): bigint {
  if (value === undefined) return 0n;
  if (value.length !== 8) throw new KeyValueError('other', 'the value is not a counter');
  return new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0);
}

function encode(count: bigint): Uint8Array {
  const value = new Uint8Array(8);
  new DataView(value.buffer).setBigUint64(0, BigInt.asUintN(64, count));
  return value;
}
