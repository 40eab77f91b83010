import { describe, type FieldType, kindOf, messageError } from './field-type.js';

/** `string`: well-formed Unicode. */
export const string: FieldType<string> = {
  absent: () => '',
  read: (value, path) => checkText(value, path),
  write: (value, path) => (checkText(value, path) === '' ? undefined : value),
};

/** `bool`. */
export const bool: FieldType<boolean> = {
  absent: () => false,
  read: (value, path) => checkBoolean(value, path),
  write: (value, path) => (checkBoolean(value, path) ? true : undefined),
};

/** `int32` and `sint32`. */
export const int32: FieldType<number> = wholeNumber(-(2 ** 31), 2 ** 31 - 1);

/** `uint32`. */
export const uint32: FieldType<number> = wholeNumber(0, 2 ** 32 - 1);

const maxUint64 = 2n ** 64n - 1n;

/** `uint64`: text in JSON, since JSON's numbers are exact to 2^53 only. */
export const uint64: FieldType<bigint> = {
  absent: () => 0n,
  read(value, path) {
    const whole = toBigInt(value);
    if (whole === undefined) throw messageError(path, `must be a whole number, not ${describe(value)}`);
    return checkUint64(whole, path);
  },
  write(value, path) {
    if (typeof value !== 'bigint') throw messageError(path, `must be a bigint, not ${describe(value)}`);
    return value === 0n ? undefined : String(checkUint64(value, path));
  },
};

/** One of `names`, which stand in the order of their numbers; the first is the default. */
export function enumOf<const Name extends string>(names: readonly [Name, ...Name[]]): FieldType<Name> {
  const find = (value: unknown): Name | undefined =>
    typeof value === 'number' ? names[value] : names.find((name) => name === value);
  const check = (value: unknown, found: Name | undefined, path: string): Name => {
    if (found === undefined) throw messageError(path, `must be one of ${names.join(', ')}, not ${describe(value)}`);
    return found;
  };
  return {
    absent: () => names[0],
    read: (value, path) => check(value, find(value), path),
    write(value, path) {
      const name = check(value, typeof value === 'string' ? find(value) : undefined, path);
      return name === names[0] ? undefined : name;
    },
  };
}

function wholeNumber(min: number, max: number): FieldType<number> {
  const check = (value: unknown, number: number, path: string): number => {
    if (!Number.isInteger(number)) throw messageError(path, `must be a whole number, not ${describe(value)}`);
    if (number < min || number > max) throw messageError(path, `must be ${min} to ${max}, not ${describe(value)}`);
    return number === 0 ? 0 : number;
  };
  return {
    absent: () => 0,
    read: (value, path) => check(value, toNumber(value), path),
    write(value, path) {
      const number = check(value, typeof value === 'number' ? value : Number.NaN, path);
      return number === 0 ? undefined : number;
    },
  };
}

/** Of a number, or of text that reads like a JSON number; else `NaN`. */
export function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  const isNumeric = typeof value === 'string' && value.length <= 64 && jsonNumber.test(value);
  return isNumeric ? Number(value) : Number.NaN;
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function toBigInt(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  const number = toNumber(value);
  return Number.isSafeInteger(number) ? BigInt(number) : undefined;
}

function checkUint64(value: bigint, path: string): bigint {
  if (value < 0n || value > maxUint64) {
    throw messageError(path, `must be 0 to ${maxUint64}, not ${describe(value)}`);
  }
  return value;
}

function checkText(value: unknown, path: string): string {
  // The text may be a password, so that what stands in its place is not shown either.
  if (typeof value !== 'string') throw messageError(path, `must be a string, not ${kindOf(value)}`);
  if (!value.isWellFormed()) throw messageError(path, 'must be well-formed Unicode, without half a surrogate pair');
  return value;
}

function checkBoolean(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') throw messageError(path, `must be true or false, not ${describe(value)}`);
  return value;
}
