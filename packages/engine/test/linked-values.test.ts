import { lodgeEngine } from '@lodge/engine';
import { normalize, RandomTypes } from '@lodge-internal/engine-suite';
import type { StringEncoding, ValueType } from '@lodge-internal/fixtures';
import { describe, it } from 'vitest';
import { assertSame, describeCall, functionsOf, startEcho } from './echo.js';

/** Another seed makes other types and values. */
const seed = Number(process.env['LODGE_SEED'] ?? 20_261_122);
const chains: readonly (readonly [StringEncoding, StringEncoding])[] = [
  ['utf8', 'utf8'],
  ['utf8', 'utf16'],
  ['utf16', 'compact-utf16'],
  ['compact-utf16', 'utf8'],
];
const typesPerChain = 120;
const valuesPerType = Math.ceil(Number(process.env['LODGE_VALUES_PER_TYPE'] ?? 50) / 4);

describe(`values of random types between linked components (LODGE_SEED=${seed})`, () => {
  for (const [number, encodings] of chains.entries()) {
    for (const isSuspending of [false, true]) {
      const how = isSuspending ? ', while the last one waits' : '';
      it(`are the same at the other end and back, from ${encodings.join(' to ')}${how}`, async () => {
        const random = new RandomTypes(seed + 5000 + number, { isRich: true });
        const functions = functionsOf(random, typesPerChain);
        const echo = await startEcho(lodgeEngine(), functions, encodings, { isSuspending });
        for (const [index, fn] of functions.entries()) {
          const type = fn.params[0] as ValueType;
          for (let round = 0; round < valuesPerType; round++) {
            const value = random.value(type);
            const { received, result } = await echo.call(index, value);
            const expected = normalize(value);
            assertSame(normalize(received), expected, () => `received, ${describeCall(fn, encodings[0])}`);
            assertSame(normalize(result), expected, () => `answered, ${describeCall(fn, encodings[0])}`);
          }
        }
      }, 120_000);
    }
  }
});
