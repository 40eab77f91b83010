import * as protocol from '@lodge/scheduler-protocol';
import { decodeMessage, encodeMessage } from '@lodge/scheduler-protocol';
import { describe, expect, test } from 'vitest';
import { goldenMessages } from './golden-vectors.js';

const textOf = (data: Uint8Array): string => new TextDecoder().decode(data);

for (const { type, fields } of goldenMessages) {
  describe(type.name, () => {
    const empty = decodeMessage(type, '{}') as Record<string, unknown>;

    test('an empty one is {} in both directions', () => {
      expect(textOf(encodeMessage(type, {}))).toBe('{}');
      expect(textOf(encodeMessage(type, empty))).toBe('{}');
      expect(decodeMessage(type, '{"ofALaterVersion":{"a":[1]}}')).toEqual(empty);
    });

    for (const [field, vectors] of fields) {
      test(`${field} is written and read as protojson has it`, () => {
        for (const { value, json, alsoRead = [] } of vectors) {
          const written = json === null ? '{}' : `{${json}}`;
          expect(textOf(encodeMessage(type, { [field]: value }))).toBe(written);
          const expected = decodeMessage(type, written) as Record<string, unknown>;
          expect({ ...empty, ...expected }).toEqual(expected);
          // What is nested is complete when it is read, so that it is compared by writing it again.
          if (typeof value !== 'object') expect(expected[field]).toBe(value);
          expect(textOf(encodeMessage(type, expected))).toBe(written);
          for (const spelling of alsoRead) {
            expect(decodeMessage(type, `{${spelling}}`), spelling).toEqual(expected);
          }
        }
      });
    }
  });
}

test('every message of the protocol has vectors', () => {
  const names = Object.values(protocol)
    .filter((value) => typeof value === 'object')
    .map(({ name }) => name);
  expect(goldenMessages.map(({ type }) => type.name).sort()).toEqual(names.sort());
});
