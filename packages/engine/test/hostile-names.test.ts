import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { HostError } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { testScope } from '@lodge-internal/engine-suite';
import { watComponent } from '@lodge-internal/fixtures';
import { describe, expect, it } from 'vitest';

/** What stands in the templates for a name, as a valid one: every name that is tried has as many bytes, so that no size changes. */
const placeholder = 'zqzqzq';
/** For the same name where a text with the same one twice would be refused. */
const again = 'zqzqqz';
const size = placeholder.length;

/** What a terminal obeys, what ends a line, and what turns text around. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
/** What ends a string in some language, or begins code in one. */
const quoting = /[\p{Quotation_Mark}`\\]/u;

/** Every character of the basic plane that is one of these, in the middle of a name. */
const names: readonly string[] = [
  ...Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(
    (char) => unprintable.test(char) || quoting.test(char),
  ),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is what a template of JavaScript would read.
  '${a}',
].map((odd) => `a${odd}`.padEnd(size - Buffer.byteLength(odd) + odd.length, 'a'));

/** Bytes that are no UTF-8: each that cannot stand alone, halves of surrogate pairs, longer forms than needed, what is past the last character. */
const invalidBytes: readonly Uint8Array[] = [
  ...Array.from({ length: 0x80 }, (_, index) => [0x80 + index]),
  ...Array.from({ length: 0x20 }, (_, index) => [0xed, 0xa0 + index, 0x80]),
  [0xc0, 0x80],
  [0xe0, 0x80, 0x80],
  [0xf0, 0x80, 0x80, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
].map((bytes) => Uint8Array.from({ length: size }, (_, at) => bytes[at - 1] ?? 0x61));

/** A component with the placeholder somewhere, whose function `f` answers 42. */
interface Place {
  readonly text: string;
  /** Whether every one of the names is refused, as none of them is elsewhere. */
  readonly isRefused: boolean;
  /** Whether the call traps instead of answering. */
  readonly traps?: boolean;
  /** Nobody but V8 reads it, and it does not mind what is no text. */
  readonly isCustom?: boolean;
}

const answer = `(core module $m (func (export "f") (result i32) (i32.const 42))) (core instance $i (instantiate $m))
  (func $f (export "f") (result u32) (canon lift (core func $i "f")))`;
const typed = (type: string): string => `(component ${answer} (type $t ${type}) (export "t" (type $t)))`;

const places: Readonly<Record<string, Place>> = {
  'an import': { text: `(component (import "${placeholder}" (func)) ${answer})`, isRefused: true },
  'an imported interface': { text: `(component (import "${placeholder}" (instance)) ${answer})`, isRefused: true },
  'a function of an imported interface': {
    text: `(component (import "a:b/c" (instance (export "${placeholder}" (func)))) ${answer})`,
    isRefused: true,
  },
  'an export': { text: `(component ${answer} (export "${placeholder}" (func $f)))`, isRefused: true },
  'a function of an exported interface': {
    text: `(component ${answer} (instance $e (export "${placeholder}" (func $f))) (export "a:b/c" (instance $e)))`,
    isRefused: true,
  },
  'a parameter': {
    text: `(component (import "g" (func (param "${placeholder}" u32))) ${answer})`,
    isRefused: true,
  },
  'a field': { text: typed(`(record (field "${placeholder}" u32))`), isRefused: true },
  'a case': { text: typed(`(variant (case "${placeholder}"))`), isRefused: true },
  'a case of an enum': { text: typed(`(enum "${placeholder}")`), isRefused: true },
  'a flag': { text: typed(`(flags "${placeholder}")`), isRefused: true },
  'an export of a core module': {
    text: `(component (core module $m (func (export "${placeholder}") (result i32) (i32.const 42)))
      (core instance $i (instantiate $m)) (func (export "f") (result u32) (canon lift (core func $i "${placeholder}"))))`,
    isRefused: false,
  },
  'an import of a core module, and its module': {
    text: `(component (core module $a (func (export "${placeholder}") (result i32) (i32.const 42))) (core instance $a (instantiate $a))
      (core module $b (import "${placeholder}" "${placeholder}" (func $g (result i32))) (func (export "f") (result i32) (call $g)))
      (core instance $b (instantiate $b (with "${placeholder}" (instance $a))))
      (func (export "f") (result u32) (canon lift (core func $b "f"))))`,
    isRefused: false,
  },
  'an exported memory, global and table': {
    text: `(component (core module $a (memory (export "${placeholder}") 1) (data (i32.const 0) "\\2a")) (core instance $a (instantiate $a))
      (core module $b (import "m" "${placeholder}" (memory 1)) (global (export "${placeholder}") (mut i32) (i32.const 0))
        (func (export "f") (result i32) (i32.load (i32.const 0))))
      (core instance $b (instantiate $b (with "m" (instance $a))))
      (func (export "f") (result u32) (canon lift (core func $b "f"))))`,
    isRefused: false,
  },
  'a core import that nobody provides': {
    text: `(component (core module $m (import "h" "${placeholder}" (func)) (func (export "f") (result i32) (i32.const 42)))
      (core module $h) (core instance $h (instantiate $h)) (core instance $i (instantiate $m (with "h" (instance $h)))))`,
    isRefused: true,
  },
  'a core export that is not there': {
    text: `(component (core module $m) (core instance $i (instantiate $m)) (func (export "f") (result u32) (canon lift (core func $i "${placeholder}"))))`,
    isRefused: true,
  },
  'an export that is not there': {
    text: `(component (component $c) (instance $c (instantiate $c)) (alias export $c "${placeholder}" (func $f)))`,
    isRefused: true,
  },
  'an export that a core module has twice': {
    text: `(component (core module $d (func (export "${placeholder}")) (func (export "${again}"))) ${answer} (core instance (instantiate $d)))`,
    isRefused: true,
  },
  'an item that an instance has twice': {
    text: `(component ${answer} (instance (export "${placeholder}" (func $f)) (export "${again}" (func $f))))`,
    isRefused: true,
  },
  'a function that traps, as its debug information calls it': {
    text: `(component (core module $m (func $${placeholder} (export "f") (result i32) unreachable)) (core instance $i (instantiate $m))
      (func (export "f") (result u32) (canon lift (core func $i "f"))))`,
    isRefused: false,
    traps: true,
    isCustom: true,
  },
};

describe.each(Object.entries(places))(
  'as the name of %s,',
  (_, { text, isRefused, traps = false, isCustom = false }) => {
    it('every odd text is escaped where it is refused, and a name like others where it is not', async () => {
      const template = await watComponent(text);
      expect(await outcomeOf(template)).not.toMatch(/not a valid (import|label)/);
      for (const name of names) {
        const outcome = await outcomeOf(renamed(template, Buffer.from(name)));
        const what = `${inspect(name)}: ${outcome}`;
        assert(!unprintable.test(outcome), `it is told as it is: ${what}`);
        assert(traps || !/["\\]/.test(name) || !outcome.includes(name), `its quotes are not escaped: ${what}`);
        assert.match(
          outcome,
          isRefused ? /^ERR_COMPONENT_(INVALID|UNSUPPORTED) / : traps ? /^ERR_GUEST_TRAPPED / : /^42$/,
          what,
        );
      }
    });

    it('what is no UTF-8 is refused', async () => {
      const template = await watComponent(text);
      for (const bytes of invalidBytes) {
        const outcome = await outcomeOf(renamed(template, bytes));
        const what = `${inspect(bytes)}: ${outcome}`;
        assert(!unprintable.test(outcome), `it is told as it is: ${what}`);
        assert.match(outcome, isCustom ? /^ERR_GUEST_TRAPPED / : /^ERR_COMPONENT_INVALID /, what);
      }
    });
  },
);

/** `template` with another name in all places of the placeholder. */
function renamed(template: Uint8Array, name: Uint8Array): Uint8Array {
  assert.equal(name.length, size);
  const bytes = Buffer.from(template);
  let count = 0;
  for (const text of [placeholder, again]) {
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + size)) {
      bytes.set(name, at);
      count++;
    }
  }
  assert(count > 0, 'the template has no placeholder');
  return new Uint8Array(bytes);
}

const engine = lodgeEngine();

/** What `f` answers, or everything that an error tells. */
async function outcomeOf(bytes: Uint8Array): Promise<string> {
  try {
    const shape = await engine.inspect(bytes);
    const compiled = await engine.compile(bytes, { name: 'names', suspendingImports: new Set() });
    try {
      const instance = await compiled.instantiate(new Map(), testScope('names'));
      const f = instance.exports['f'];
      assert(typeof f === 'function' && shape.exportedFunctions.some(({ name }) => name === 'f'));
      return String(f());
    } finally {
      compiled.dispose();
    }
  } catch (error) {
    assert(HostError.is(error), String(error));
    const { code, message, details, cause } = error;
    return `${code} ${message} ${Object.values(details).flat().join(' ')} ${cause instanceof Error ? cause.message : ''}`;
  }
}
