import { HostError } from '@lodge/core';
import { Random } from '@lodge-internal/engine-suite';
import { describe, expect, it } from 'vitest';
import { debugLine, literal } from './debug-sections.js';
import { RandomBody } from './random-body.js';
import { asItIs, compileRewritten, rewritings } from './rewritten.js';
import type { Opened } from './start.js';

const seed = Number(process.env['LODGE_SEED'] ?? 20_261_123);
const funcCount = 100;
const mostPlaces = 25;
/** More than the code has. */
const codeBytes = 80_000;

const traps = [
  'unreachable',
  '(drop (memory.size)) (unreachable)',
  '(drop (i32.div_u (local.get $x) (i32.const 0)))',
  '(drop (i32.load (i32.const -4)))',
  '(memory.fill (i32.const -1) (i32.const 0) (local.get $x))',
  '(memory.copy (i32.const -1) (i32.const 0) (i32.const 2000000))',
  '(call_indirect $t (i32.const 9))',
  '(drop (call $trap (local.get $rounds)))',
];

/** Its functions trap at the n-th place that they come by, `arm` sets the n; the lines of its code count the bytes. */
function component(): string {
  const random = new Random(seed);
  const trap = (): string =>
    `(global.set $left (i32.sub (global.get $left) (i32.const 1))) (if (i32.eqz (global.get $left)) (then ${random.pick(traps)}))`;
  const bodies = Array.from({ length: funcCount }, () => new RandomBody(random, trap).text());
  const lines = Array.from({ length: codeBytes }, (_, index) => ({ address: index + 1, line: index + 1, column: 1 }));
  return `(component
    (core module $m (@custom ".debug_line" ${literal(debugLine(5, lines))})
      (memory 1)
      (table $t 1 funcref)
      (global $left (mut i32) (i32.const 0))
      (func $tiny (param i32) (result i32) (i32.xor (local.get 0) (i32.const 85)))
      (func $trap (param $n i32) (result i32)
        (loop $l (br_if $l (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
        (i32.rem_u (memory.size) (i32.const 0)))
      (func (export "arm") (param i32) (global.set $left (local.get 0)))
      (func (export "grow") (drop (memory.grow (i32.const 1))))
      ${bodies.map((body, index) => `(func (export "f${index}") ${body})`).join('\n')})
    (core instance $i (instantiate $m))
    (func (export "grow") (canon lift (core func $i "grow")))
    (func (export "arm") (param "n" s32) (canon lift (core func $i "arm")))
    ${bodies.map((_, index) => `(func (export "f${index}") (param "x" s32) (result s32) (canon lift (core func $i "f${index}")))`).join('\n')})`;
}

/** The lines on the stack of a trap, or what is returned. */
async function outcomeOf({ call, instance }: Opened, name: string, place: number): Promise<unknown> {
  try {
    await call('arm', place);
    return await call(name, place % 5);
  } catch (error) {
    if (!HostError.is(error)) throw error;
    return [error.message, ...(error.details['stack'] as string[]).map((frame) => /\((.*)\)$/.exec(frame)?.[1])];
  } finally {
    instance.dispose();
  }
}

describe(`The lines of a trap, whatever has been written around it (LODGE_SEED=${seed})`, () => {
  it('are those that it has where nothing has', async () => {
    const text = component();
    const alone = await compileRewritten(text, asItIs);
    const others = rewritings.filter((rewriting) => rewriting !== asItIs);
    const rewritten = await Promise.all(others.map((rewriting) => compileRewritten(text, rewriting)));
    const seen = new Set<string>();
    for (let index = 0; index < funcCount; index++) {
      for (let place = 1; place <= mostPlaces; place++) {
        const expected = await outcomeOf(alone(), `f${index}`, place);
        for (const [way, open] of rewritten.entries()) {
          expect(await outcomeOf(open(), `f${index}`, place), `f${index} at ${place}, ${way}`).toEqual(expected);
        }
        if (Array.isArray(expected)) seen.add(String(expected[1]));
      }
    }
    expect(seen).not.toContain('undefined');
    expect(seen.size).toBeGreaterThan(100);
  });
});
