import type { KeyValueBucket, MaybePromise } from '../backend.js';
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

/** What increments one key now, per bucket: those of one host take turns instead of fighting for the key. */
const turnsOf = new WeakMap<KeyValueBucket, Map<string, Promise<unknown>>>();

/** One increment. */
export interface Increment {
  readonly bucket: KeyValueBucket;
  readonly key: string;
  readonly delta: bigint;
  readonly type: CounterType;
}

/**
 * Adds to a counter: 8 bytes, big-endian, on every backend. A missing key counts as 0. Never counts twice, and never in vain: an answer
 * means that the store has it.
 *
 * @throws KeyValueError `other` when the value is no counter, or would not fit
 */
export function increment(request: Increment): MaybePromise<bigint> {
  const { bucket, key } = request;
  const turns = turnsOf.get(bucket);
  if (turns?.has(key)) return takeTurn(request, turns);
  const entry = bucket.get(key);
  if (entry instanceof Promise) return takeTurn(request, turns ?? newTurns(bucket), entry);
  const next = add(entry.value, request);
  const isSwapped = bucket.swap(key, encode(next), entry.version);
  if (isSwapped instanceof Promise || !isSwapped) throw new Error('a synchronous backend let someone else in between');
  return next;
}

function newTurns(bucket: KeyValueBucket): Map<string, Promise<unknown>> {
  const turns = new Map<string, Promise<unknown>>();
  turnsOf.set(bucket, turns);
  return turns;
}

async function takeTurn(
  request: Increment,
  turns: Map<string, Promise<unknown>>,
  first?: Promise<{ readonly value: Uint8Array | undefined; readonly version: bigint }>,
): Promise<bigint> {
  const { key } = request;
  const before = turns.get(key);
  const mine = (async () => {
    // Whoever was before has told its own caller how it went.
    await before?.catch(() => {});
    return incrementAlone(request, first);
  })();
  turns.set(key, mine);
  try {
    return await mine;
  } finally {
    if (turns.get(key) === mine) turns.delete(key);
  }
}

async function incrementAlone(
  request: Increment,
  first: Promise<{ readonly value: Uint8Array | undefined; readonly version: bigint }> | undefined,
): Promise<bigint> {
  const { bucket, key } = request;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const { value, version } = await (attempt === 0 && first !== undefined ? first : bucket.get(key));
    const next = add(value, request);
    if (await bucket.swap(key, encode(next), version)) return next;
    // Other hosts want the key too: whoever waits a random time meets fewer of them.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(attempt * 2, 20)));
  }
  throw new KeyValueError('other', 'too many others write this counter');
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
