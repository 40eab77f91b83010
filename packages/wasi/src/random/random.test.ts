import { describe, expect, test } from 'vitest';
import { insecureRandom, insecureSeed, random } from './random.js';

const u64Max = 0xffff_ffff_ffff_ffffn;

describe('random', () => {
  test('fills all bytes, also beyond what Web Crypto gives at once', () => {
    const bytes = random(1_048_576).getRandomBytes(200_000n);
    expect(bytes).toHaveLength(200_000);
    for (const start of [0, 65_536, 131_072, 196_608]) {
      expect(bytes.subarray(start, start + 64).some((byte) => byte !== 0)).toBe(true);
    }
    expect(random(10).getRandomBytes(0n)).toHaveLength(0);
  });

  test('traps on more bytes at once than allowed', () => {
    expect(random(16).getRandomBytes(16n)).toHaveLength(16);
    expect(() => random(16).getRandomBytes(17n)).toThrow(/at most 16/);
    expect(() => random(16).getRandomBytes(u64Max)).toThrow(/at most 16/);
    expect(() => insecureRandom(16).getInsecureRandomBytes(17n)).toThrow(/at most 16/);
  });

  test('numbers differ and use all 64 bits', () => {
    const numbers = Array.from({ length: 64 }, () => random(1).getRandomU64());
    expect(new Set(numbers).size).toBe(64);
    expect(numbers.some((number) => number > u64Max / 2n)).toBe(true);
    expect(insecureRandom(1).getInsecureRandomU64()).not.toBe(insecureRandom(1).getInsecureRandomU64());
  });

  test('each seed is a new one', () => {
    expect(insecureSeed().insecureSeed()).not.toEqual(insecureSeed().insecureSeed());
  });
});
