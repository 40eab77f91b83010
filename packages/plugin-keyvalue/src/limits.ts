import { HostError } from '@lodge/core';
import { KeyValueError } from './errors.js';

/** Bounds on what guests can take. */
export interface KeyValueLimits {
  /** Bytes of one value. The default fits a NATS server as it comes. @default 1_000_000 */
  readonly maxValueBytes: number;
  /** Different buckets that one workload may open through one host interface entry. @default 1_000 */
  readonly maxBuckets: number;
  /** Keys of one call of `batch`. @default 10_000 */
  readonly maxBatchKeys: number;
  /** Bytes of values in one answer of `get-many`: a guest may ask for one large value many times. @default 67_108_864 (64 MiB) */
  readonly maxBatchBytes: number;
  /** Bytes of values that the `cas` handles of one workload to one bucket hold at a time. @default 67_108_864 (64 MiB) */
  readonly maxHeldBytes: number;
  /** Keys in one answer of `list-keys`. @default 1_000 */
  readonly pageSize: number;
  /** Milliseconds that `on-set` and `on-delete` may take. @default 30_000 */
  readonly watchDeadlineMs: number;
}

/** The defaults of {@link KeyValueLimits}. */
export const defaultKeyValueLimits: KeyValueLimits = Object.freeze({
  maxValueBytes: 1_000_000,
  maxBuckets: 1_000,
  maxBatchKeys: 10_000,
  maxBatchBytes: 67_108_864,
  maxHeldBytes: 67_108_864,
  pageSize: 1_000,
  watchDeadlineMs: 30_000,
});

/** Bytes of one key in UTF-8. Escaped, such a key still fits the subject of a NATS message. */
export const maxKeyBytes = 1_024;

/** The defaults with `given` over them. @throws HostError `ERR_CONFIG_INVALID` for an unknown name or a value that is no whole number above 0. */
export function resolveKeyValueLimits(given: Partial<KeyValueLimits> = {}): KeyValueLimits {
  for (const [name, value] of Object.entries(given)) {
    const details = { path: `limits.${name}` };
    if (!Object.hasOwn(defaultKeyValueLimits, name)) {
      const known = Object.keys(defaultKeyValueLimits).join(', ');
      const message = `The keyvalue limit ${JSON.stringify(name)} is unknown; the limits are ${known}.`;
      throw new HostError('ERR_CONFIG_INVALID', message, { details });
    }
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 1)) {
      const message = `The keyvalue limit ${name} must be a whole number above 0.`;
      throw new HostError('ERR_CONFIG_INVALID', message, { details });
    }
  }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...defaultKeyValueLimits, ...set };
}

/** @throws KeyValueError `other` for a key that is too long for the portable bound. */
export function checkKey(key: string): void {
  // A UTF-16 unit is at most three bytes in UTF-8: most keys need no closer look.
  if (key.length * 3 > maxKeyBytes && Buffer.byteLength(key) > maxKeyBytes) {
    throw new KeyValueError('other', `the key is longer than ${maxKeyBytes} bytes`);
  }
}

/** @throws KeyValueError `other` for more keys than one call of `batch` may have. */
export function checkBatch(size: number, { maxBatchKeys }: KeyValueLimits): void {
  if (size > maxBatchKeys) throw new KeyValueError('other', `a batch has at most ${maxBatchKeys} keys`);
}

/** @throws KeyValueError `other` for a value that is too large. */
export function checkValue(value: Uint8Array, { maxValueBytes }: KeyValueLimits): void {
  if (value.length > maxValueBytes) {
    throw new KeyValueError('other', `the value is larger than ${maxValueBytes} bytes`);
  }
}
