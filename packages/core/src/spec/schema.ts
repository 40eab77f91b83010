import { HostError } from '../errors.js';
import { nearestKey } from './nearest-key.js';

/** Checks a value and answers with a copy, or throws `ERR_SPEC_INVALID` that names the path. */
export type Check<T> = (value: unknown, path: string) => T;

/** Bounds on what a spec may say, so that a hostile one costs nothing. */
const maxTextLength = 65_536;
const maxEntries = 10_000;

/** The error for what stands at `path`. */
export function specError(path: string, problem: string): HostError {
  const place = path === '' ? 'the workload' : path;
  return new HostError('ERR_SPEC_INVALID', `${place} ${problem}`, { details: { path } });
}

/** Text of at most `maxLength` characters. */
export function text(options: { readonly minLength?: number; readonly maxLength?: number } = {}): Check<string> {
  const { minLength = 0, maxLength = maxTextLength } = options;
  return (value, path) => {
    if (typeof value !== 'string') throw specError(path, `must be a string, not ${describe(value)}`);
    if (value.length < minLength) throw specError(path, 'must not be empty');
    if (value.length > maxLength)
      throw specError(path, `has ${value.length} characters; at most ${maxLength} are allowed`);
    return value;
  };
}

/** Text that `accepts` takes. */
export function textMatching(accepts: (value: string) => boolean, expected: string): Check<string> {
  const check = text({ maxLength: 1024 });
  return (value, path) => {
    const checked = check(value, path);
    if (!accepts(checked)) throw specError(path, `must be ${expected}, not ${quote(checked)}`);
    return checked;
  };
}

/** One of a few words. */
export function oneOf<const T extends string>(words: readonly T[]): Check<T> {
  return (value, path) => {
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw specError(path, `must be one of ${words.join(', ')}, not ${describe(value)}`);
    return word;
  };
}

/** A whole number that 32 bits can hold. */
export const integer: Check<number> = (value, path) => {
  if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) > 2 ** 31) {
    throw specError(path, `must be a whole number, not ${describe(value)}`);
  }
  return value;
};

export const boolean: Check<boolean> = (value, path) => {
  if (typeof value !== 'boolean') throw specError(path, `must be true or false, not ${describe(value)}`);
  return value;
};

/** Bytes; not copied, for they may be large. */
export const bytes: Check<Uint8Array> = (value, path) => {
  if (!(value instanceof Uint8Array)) throw specError(path, `must be a Uint8Array, not ${describe(value)}`);
  return value;
};

/** A list. */
export function listOf<T>(item: Check<T>): Check<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw specError(path, `must be a list, not ${describe(value)}`);
    if (value.length > maxEntries)
      throw specError(path, `has ${value.length} entries; at most ${maxEntries} are allowed`);
    return Object.freeze(Array.from(value, (entry: unknown, index) => item(entry, `${path}[${index}]`)));
  };
}

/**
 * Text by text. The copy has no prototype: a look-up of `constructor` or `__proto__` in it finds what the spec says, or
 * nothing.
 */
export const textRecord: Check<Readonly<Record<string, string>>> = (value, path) => {
  const entries = Object.entries(plainObject(value, path));
  if (entries.length > maxEntries)
    throw specError(path, `has ${entries.length} entries; at most ${maxEntries} are allowed`);
  const copy: Record<string, string> = Object.create(null);
  const check = text();
  for (const [key, entry] of entries) copy[key] = check(entry, join(path, key));
  return Object.freeze(copy);
};

/** An object with these members and no others; a member that is `undefined` counts as absent. */
export function object<Required extends Checks, Optional extends Checks>(
  required: Required,
  optional: Optional,
): Check<Checked<Required> & Partial<Checked<Optional>>> {
  const known = [...Object.keys(required), ...Object.keys(optional)];
  return (value, path) => {
    const input = plainObject(value, path);
    for (const key of Object.keys(input)) {
      if (!known.includes(key)) throw unknownKey(key, known, path);
    }
    const copy: Record<string, unknown> = {};
    for (const [key, check] of Object.entries(required)) {
      if (!Object.hasOwn(input, key) || input[key] === undefined) throw specError(join(path, key), 'is missing');
      copy[key] = check(input[key], join(path, key));
    }
    for (const [key, check] of Object.entries(optional)) {
      if (Object.hasOwn(input, key) && input[key] !== undefined) copy[key] = check(input[key], join(path, key));
    }
    return Object.freeze(copy) as Checked<Required> & Partial<Checked<Optional>>;
  };
}

type Checks = Readonly<Record<string, Check<unknown>>>;
type Checked<C extends Checks> = { readonly [Key in keyof C]: C[Key] extends Check<infer T> ? T : never };

function plainObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw specError(path, `must be an object, not ${describe(value)}`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function unknownKey(key: string, known: readonly string[], path: string): HostError {
  const nearest = nearestKey(key, known);
  const hint = nearest === undefined ? `known are ${known.join(', ')}` : `did you mean ${nearest}?`;
  return specError(join(path, key), `is not a known key; ${hint}`);
}

function join(path: string, key: string): string {
  const isPlain = /^[A-Za-z_][\w-]{0,127}$/.test(key);
  if (!isPlain) return `${path}[${quote(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? 'an object' : typeof value;
}

function quote(value: string): string {
  return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
}
