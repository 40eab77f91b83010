import { HostError } from '@lodge/core';
import { watComponent } from '@lodge-internal/fixtures';
import { describe, expect, it } from 'vitest';
import { debugLine, findCode, type LineEntry, literal, sourceMapUrl } from './debug-sections.js';
import { allAtOnce, asItIs, compileRewritten, type Rewriting, rewritings } from './rewritten.js';

/** Traps in `inner`, which `outer` calls after a loop; `custom` goes into its core module. Calls of what is added after so many functions take more bytes. */
function component(custom: string): string {
  return `(component
    (core module $m ${custom}
      (memory 1)
      (func $inner (param $n i32)
        ${'(drop (memory.size))'.repeat(8)}
        (loop $l
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br_if $l (local.get $n)))
        (drop (i32.const 305419896))
        unreachable)
      (func (export "outer") (param $n i32)
        (loop $l (br_if $l (i32.eqz (local.get $n))))
        (call $inner (i32.const 3))
        (drop (i32.const 305419896)))
      (func (export "grow") (drop (memory.grow (i32.const 1))))
      ${'(func)'.repeat(128)})
    (core instance $i (instantiate $m))
    (func (export "grow") (canon lift (core func $i "grow")))
    (func (export "outer") (param "n" u32) (canon lift (core func $i "outer"))))`;
}

/** Lines for the two places on the stack: the `unreachable` after the first marker, and the call before the second one. */
async function linesOf(): Promise<{ entries: LineEntry[]; payloadStart: number }> {
  const bytes = Buffer.from(await watComponent(component('')));
  const code = findCode(bytes);
  // i32.const 305419896, drop.
  const marker = Buffer.from([0x41, 0xf8, 0xac, 0xd1, 0x91, 0x01, 0x1a]);
  const first = bytes.indexOf(marker) - code.inComponent;
  const second = bytes.indexOf(marker, code.inComponent + first + 1) - code.inComponent;
  const entries = [
    { address: 3, line: 10, column: 1 },
    { address: first + marker.length, line: 14, column: 9 },
    { address: first + marker.length + 2, line: 20, column: 1 },
    { address: second - 2, line: 4022, column: 5 },
    { address: second, line: 23, column: 1 },
    { address: second + marker.length + 1, line: 24, column: 1 },
  ];
  return { entries, payloadStart: code.inModule };
}

async function stackOf(custom: string, rewriting: Rewriting = asItIs): Promise<unknown> {
  const open = await compileRewritten(component(custom), rewriting);
  try {
    await open().call('outer', 1);
  } catch (error) {
    return HostError.is(error) ? error.details['stack'] : error;
  }
  return undefined;
}

describe('The stack of a trap', () => {
  for (const version of [4, 5] as const) {
    it(`names the lines that DWARF ${version} tells`, async () => {
      const { entries } = await linesOf();
      const stack = await stackOf(`(@custom ".debug_line" ${literal(debugLine(version, entries))})`);
      expect(stack).toEqual([
        expect.stringContaining('(src/app.rs:14:9)'),
        expect.stringContaining('(src/app.rs:4022:5)'),
      ]);
    });
  }

  it.each(rewritings)(
    'names the same lines: interruptible $isInterruptible, resettable $isResettable',
    async (rewriting) => {
      const { entries } = await linesOf();
      expect(await stackOf(`(@custom ".debug_line" ${literal(debugLine(5, entries))})`, rewriting)).toEqual([
        expect.stringContaining('(src/app.rs:14:9)'),
        expect.stringContaining('(src/app.rs:4022:5)'),
      ]);
    },
  );

  it('names the lines that an inline source map tells', async () => {
    const probe = await linesOf();
    // The section stands before the code, so it moves the code by its own size: the second round has the final size.
    let { payloadStart } = probe;
    let custom = '';
    for (let round = 0; round < 3; round++) {
      const url = Buffer.from(sourceMapUrl(probe.entries, payloadStart));
      custom = `(@custom "sourceMappingURL" (before code) ${literal([...lebBytes(url.length), ...url])})`;
      payloadStart = findCode(await watComponent(component(custom))).inModule;
    }
    for (const rewriting of rewritings) {
      expect(await stackOf(custom, rewriting)).toEqual([
        expect.stringContaining('(assembly/index.ts:14:9)'),
        expect.stringContaining('(assembly/index.ts:4022:5)'),
      ]);
    }
  });

  it.each([asItIs, allAtOnce])(
    'has no lines where there is no debug information, or it is malformed: interruptible $isInterruptible',
    async (rewriting) => {
      const { entries } = await linesOf();
      const whole = debugLine(4, entries);
      const plain = await stackOf('', rewriting);
      expect(plain).toHaveLength(2);
      const broken = [[], [1], whole.slice(0, 40), whole.map((byte, at) => (at > 4 && at < 12 ? 0xff : byte))];
      for (const bytes of broken)
        expect(await stackOf(`(@custom ".debug_line" ${literal(bytes)})`, rewriting)).toEqual(plain);
      const url = Buffer.from('data:application/json;base64,eyJ2ZXJzaW9uIjozfQ==');
      const map = literal([...lebBytes(url.length), ...url]);
      expect(await stackOf(`(@custom "sourceMappingURL" ${map})`, rewriting)).toEqual(plain);
      for (const bytes of [[], [0xff, 0xff, 0xff, 0xff, 0x0f], [2, 0xff, 0xff], [127, 0x61]])
        expect(await stackOf(`(@custom "sourceMappingURL" ${literal(bytes)})`, rewriting)).toEqual(plain);
    },
  );

  it('shows no control character of a file name', async () => {
    const { entries } = await linesOf();
    const hostile = debugLine(4, entries).map((byte) => (byte === 0x61 ? 0x0a : byte));
    expect(String(await stackOf(`(@custom ".debug_line" ${literal(hostile)})`))).not.toContain('\n');
  });
});

function lebBytes(value: number): number[] {
  return value < 128 ? [value] : [(value & 0x7f) | 0x80, ...lebBytes(value >>> 7)];
}
