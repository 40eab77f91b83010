import { watComponent } from '@lodge-internal/fixtures';
import { describe, expect, it } from 'vitest';
import { debugLine, findCode, literal } from '../../test/debug-sections.js';
import { parseComponent } from '../binary/component.js';
import { appendState } from '../rewrite/append.js';
import { instrumentCode } from '../rewrite/instrument.js';
import { readLayout } from '../rewrite/module-layout.js';
import { virtualizeSize } from '../rewrite/virtual-size.js';
import { guestStack } from '../runtime/guest-stack.js';
import { sourceLocator } from './source-locator.js';

/** Ways to run for long, each with `here` before the instruction that makes it long, or `at` as this instruction. */
const ways: Readonly<Record<string, string>> = {
  'a branch': '(loop $l here (br $l))',
  'a condition': '(loop $l (local.get 0) here (br_if $l))',
  'a condition in a loop of others':
    '(loop $l (loop $m (br_if $m (i32.eqz (memory.size)))) (local.get 0) here (br_if $l))',
  'a condition with a value': '(drop (loop $l (result i32) (local.get 0) (local.get 0) here (br_if $l)))',
  'a choice, at the beginning of its loop': '(loop $l at (local.get 0) (br_table $l $l))',
  'a call through a table': '(i32.const 0) here (call_indirect $t)',
  'a call of itself': '(local.get 0) here (call $self)',
  'a call after a loop': '(loop $l (br_if $l (i32.eqz (memory.size)))) (local.get 0) here (call $self)',
  'a long fill': '(i32.const 0) (i32.const 1) (i32.const 3000000) here (memory.fill)',
  'a growth': '(i32.const 0) here (memory.grow) drop',
};
const mark = '(drop (i32.const 305419896))';
const marker = Buffer.from([0x41, 0xf8, 0xac, 0xd1, 0x91, 0x01, 0x1a]);

async function coreModules(way: string): Promise<{ guest: Uint8Array; entry: Uint8Array; line: number }> {
  const text = (custom: string): string => `(component
    (core module ${custom}
      (memory 100) (table $t 1 funcref)
      ${'(func)'.repeat(128)}
      (func $self (export "run") (param i32) ${way.replace(/\b(here|at)\b/, mark)}))
    (core module (import "l" "poll" (func $poll (result i32))) (export "poll" (func $poll))))`;
  const plain = Buffer.from(await watComponent(text('')));
  const address = plain.indexOf(marker) + (way.includes(' at ') ? 0 : marker.length) - findCode(plain).inComponent;
  const lines = Array.from({ length: 2000 }, (_, index) => ({ address: index + 1, line: index + 1, column: 1 }));
  const bytes = await watComponent(text(`(@custom ".debug_line" ${literal(debugLine(5, lines))})`));
  const [guest, entry] = parseComponent(bytes).definitions.flatMap((item) =>
    item.kind === 'core-module' ? [item.bytes] : [],
  );
  if (guest === undefined || entry === undefined) throw new Error('two core modules were expected');
  return { guest, entry, line: address };
}

function instantiate(
  bytes: Uint8Array,
  imports?: WebAssembly.Imports,
): Record<string, WebAssembly.Table & (() => unknown)> {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>), imports).exports as never;
}

describe('The stack where a guest is found running', () => {
  for (const [name, way] of Object.entries(ways)) {
    it(`names the line of ${name}`, async () => {
      const { guest, entry, line } = await coreModules(way);
      const layout = readLayout(guest);
      const code = await instrumentCode(layout, true);
      const virtualCode = await virtualizeSize(layout, code);
      const poll = (): never => {
        throw new Error('found');
      };
      for (const payload of [undefined, virtualCode?.payload]) {
        const rewritten = appendState(layout, guest, { code, virtualCode: payload });
        const exports = instantiate(rewritten.bytes);
        exports[rewritten.interruption?.poll ?? '']?.set(0, instantiate(entry, { l: { poll } })['poll']);
        const moves = payload === undefined ? code.moves : virtualCode?.moves;
        const locate = sourceLocator([{ bytes: guest, layout, rewritten: rewritten.bytes, moves }]);
        let stack: readonly string[] = [];
        try {
          (exports['run'] as unknown as (n: number) => void)(1);
        } catch (error) {
          stack = guestStack(error, locate);
        }
        expect(stack.find((frame) => frame.includes('app.rs'))).toContain(`(src/app.rs:${line}:1)`);
      }
    });
  }
});
