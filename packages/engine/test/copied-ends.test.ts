import { expect, test } from 'vitest';
import { compileText, leastStall } from './start.js';

/** Calls after which a graph has an instance of the code that copies. */
const calls = 300;

/**
 * The caller has all the memory there can be, and fills it with ones where it is about to end. The callee keeps what it gets at 1,024, and answers how much of
 * the rest of its page is not zero any more.
 */
const component = `(component
  (component $Callee
    (core module $m
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
      (func (export "take") (param $at i32) (param $length i32) (result i32)
        (local $end i32) (local $dirty i32)
        (local.set $end (i32.add (local.get $at) (local.get $length)))
        (loop $byte
          (local.set $dirty (i32.add (local.get $dirty) (i32.ne (i32.load8_u (local.get $end)) (i32.const 0))))
          (br_if $byte (i32.lt_u (local.tee $end (i32.add (local.get $end) (i32.const 1))) (i32.const 65536))))
        (memory.fill (i32.const 1024) (i32.const 0) (i32.const 4096))
        (local.get $dirty)))
    (core instance $i (instantiate $m))
    (func (export "take") (param "text" string) (result u32)
      (canon lift (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
    (func (export "take-list") (param "list" (list u8)) (result u32)
      (canon lift (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
  (instance $callee (instantiate $Callee))
  (component $Caller
    (import "take" (func $take (param "text" string) (result u32)))
    (import "take-list" (func $take-list (param "list" (list u8)) (result u32)))
    (core module $memory (memory (export "memory") 65536)
      (func $fill (memory.fill (i32.const 0xfffff000) (i32.const 1) (i32.const 0x1000))
        (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x1000)))
      (start $fill))
    (core instance $memory (instantiate $memory))
    (core func $take (canon lower (func $take) (memory (core memory $memory "memory"))))
    (core func $take-list (canon lower (func $take-list) (memory (core memory $memory "memory"))))
    (core module $m
      (import "" "take" (func $take (param i32 i32) (result i32)))
      (import "" "take-list" (func $take-list (param i32 i32) (result i32)))
      (func (export "text") (param $length i32) (result i32)
        (call $take (i32.sub (i32.const 0) (local.get $length)) (local.get $length)))
      (func (export "list") (param $length i32) (result i32)
        (call $take-list (i32.sub (i32.const 0) (local.get $length)) (local.get $length))))
    (core instance $i (instantiate $m (with "" (instance (export "take" (func $take)) (export "take-list" (func $take-list))))))
    (func (export "text") (param "length" u32) (result u32) (canon lift (core func $i "text")))
    (func (export "list") (param "length" u32) (result u32) (canon lift (core func $i "list"))))
  (instance $caller (instantiate $Caller (with "take" (func $callee "take")) (with "take-list" (func $callee "take-list"))))
  (func (export "text") (alias export $caller "text"))
  (func (export "list") (alias export $caller "list")))`;

test.each(['text', 'list'])(
  'a %s of any length at the very end of memory leaves the rest of the callee alone',
  async (kind) => {
    const limits = { maxMemoryBytes: 2 ** 33 };
    const { call } = (await compileText(component, { limits })).open();
    for (let count = 0; count < calls; count += 1) expect(call(kind, 5)).toBe(0);
    const lengths = [...Array(70).keys(), 255, 256, 257, 4096].slice(1);
    const stall = await leastStall(async () => {
      for (const length of lengths) expect(call(kind, length), `${length} bytes`).toBe(0);
    });
    expect(stall).toBeLessThan(500);
  },
);
