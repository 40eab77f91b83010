import { Random } from '@lodge-internal/engine-suite';
import { describe, expect, it } from 'vitest';
import { RandomBody } from './random-body.js';
import { compileText } from './start.js';

const seed = Number(process.env['LODGE_SEED'] ?? 20_261_123);
const funcCount = 150;
const inputs = [0, 1, 7, 1000, -1];

describe(`loops that are written several times over so that they can be interrupted (LODGE_SEED=${seed})`, () => {
  it('compute what they compute when they are left alone', async () => {
    const random = new Random(seed);
    const text = componentOf(Array.from({ length: funcCount }, () => new RandomBody(random).text()));
    const alone = (await compileText(text)).open();
    const interruptible = (await compileText(text, { isInterruptible: true })).open();
    const seen = new Set<unknown>();
    for (let index = 0; index < funcCount; index++) {
      for (const input of inputs) {
        const expected = alone.call(`f${index}`, input);
        expect(await interruptible.call(`f${index}`, input), `f${index}(${input})`).toBe(expected);
        seen.add(expected);
      }
    }
    expect(seen.size).toBeGreaterThan(funcCount);
  });
});

function componentOf(bodies: readonly string[]): string {
  const lifts = bodies.map(
    (_, index) => `(func (export "f${index}") (param "x" s32) (result s32) (canon lift (core func $i "f${index}")))`,
  );
  return `(component
    (core module $m
      (memory 1)
      (func $tiny (param i32) (result i32) (i32.xor (local.get 0) (i32.const 85)))
      ${bodies.map((body, index) => `(func (export "f${index}") ${body})`).join('\n')})
    (core instance $i (instantiate $m))
    ${lifts.join('\n')})`;
}
