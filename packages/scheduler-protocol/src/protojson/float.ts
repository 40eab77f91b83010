import { describe, type FieldType, messageError } from './field-type.js';
import { toNumber } from './scalars.js';

const specialValues: readonly string[] = ['NaN', 'Infinity', '-Infinity'];

/** `float`, of 32 bits. What is no number in JSON is text: `"NaN"`, `"Infinity"`, `"-Infinity"`. */
export const float: FieldType<number> = {
  absent: () => 0,
  read(value, path) {
    if (typeof value === 'string' && specialValues.includes(value)) return Number(value);
    const number = toNumber(value);
    if (!Number.isFinite(number)) throw messageError(path, `must be a number, not ${describe(value)}`);
    return checkRange(number, path);
  },
  write(value, path) {
    if (typeof value !== 'number') throw messageError(path, `must be a number, not ${describe(value)}`);
    if (value === 0) return undefined;
    return Number.isFinite(value) ? shortest(checkRange(value, path)) : String(value);
  },
};

/** Rounded to 32 bits; `-0` counts as 0. */
function checkRange(value: number, path: string): number {
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) throw messageError(path, `must fit into 32 bits, not be ${describe(value)}`);
  return rounded === 0 ? 0 : rounded;
}

/** The number with the fewest digits that is this one in 32 bits: 12.3 and not 12.300000190734863. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits += 1) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(9));
}
