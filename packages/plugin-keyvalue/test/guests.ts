import { readFile } from 'node:fs/promises';
import { embedComponent } from '@lodge-internal/fixtures';

/** What the guests of these tests offer to the test. */
const guestInterface = `
interface guest {
  put: func(store: string, key: string, value: list<u8>) -> result<_, string>;
  get: func(store: string, key: string) -> result<option<list<u8>>, string>;
  count: func(store: string, key: string, delta: u64) -> result<u64, string>;
}`;

/** Memory, an allocator that never frees, and how errors of a store become text. */
const basics = `
  (memory (export "memory") 64)
  (global $next (mut i32) (i32.const 2048))
  (data (i32.const 1024) "no-such-store")
  (data (i32.const 1040) "access-denied")
  (data (i32.const 1056) "log")
  (data (i32.const 1060) "n")
  (func $alloc (export "cabi_realloc") (param $old i32) (param $oldSize i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  ;; Writes pointer and length of the text of the error at $error to $to.
  (func $describe (param $error i32) (param $to i32)
    (if (i32.eqz (i32.load8_u (local.get $error)))
      (then (i32.store (local.get $to) (i32.const 1024)) (i32.store offset=4 (local.get $to) (i32.const 13)) (return)))
    (if (i32.eq (i32.load8_u (local.get $error)) (i32.const 1))
      (then (i32.store (local.get $to) (i32.const 1040)) (i32.store offset=4 (local.get $to) (i32.const 13)) (return)))
    (i32.store offset=4 (local.get $to) (i32.load offset=8 (local.get $error)))
    (i32.store (local.get $to) (i32.load offset=4 (local.get $error))))`;

/** Imports of one draft; \`store\` may be a label. */
function imports(draft: string, store = `wasi:keyvalue/store@${draft}`): string {
  return `
  (import "${store}" "open" (func $open (param i32 i32 i32)))
  (import "${store}" "[resource-drop]bucket" (func $drop-bucket (param i32)))
  (import "${store}" "[method]bucket.get" (func $get (param i32 i32 i32 i32)))
  (import "${store}" "[method]bucket.set" (func $set (param i32 i32 i32 i32 i32 i32)))
  (import "${store}" "[method]bucket.exists" (func $exists (param i32 i32 i32 i32)))`;
}

function atomics(draft: string): string {
  return `
  (import "wasi:keyvalue/atomics@${draft}" "increment" (func $increment (param i32 i32 i32 i64 i32)))`;
}

/** Opens \`store\` into 0, or answers with the error. Results are at 16: tag, then what comes. */
const openOrFail = (errorAt: number): string => `
    (call $open (local.get $store) (local.get $storeLength) (i32.const 0))
    (if (i32.load8_u (i32.const 0)) (then
      (i32.store8 (i32.const 64) (i32.const 1))
      (call $describe (i32.const 4) (i32.const ${64 + errorAt}))
      (return (i32.const 64))))
    (local.set $bucket (i32.load (i32.const 4)))`;

const putAndGet = `
  (func (export "lodge:test/guest#put")
    (param $store i32) (param $storeLength i32) (param $key i32) (param $keyLength i32) (param $value i32) (param $valueLength i32) (result i32)
    (local $bucket i32)
    ${openOrFail(4)}
    (call $set (local.get $bucket) (local.get $key) (local.get $keyLength) (local.get $value) (local.get $valueLength) (i32.const 0))
    (call $drop-bucket (local.get $bucket))
    (i32.store8 (i32.const 64) (i32.load8_u (i32.const 0)))
    (if (i32.load8_u (i32.const 0)) (then (call $describe (i32.const 4) (i32.const 68))))
    (i32.const 64))
  (func (export "lodge:test/guest#get")
    (param $store i32) (param $storeLength i32) (param $key i32) (param $keyLength i32) (result i32)
    (local $bucket i32)
    ${openOrFail(4)}
    (call $get (local.get $bucket) (local.get $key) (local.get $keyLength) (i32.const 64))
    (call $drop-bucket (local.get $bucket))
    (if (i32.load8_u (i32.const 64)) (then
      (memory.copy (i32.const 0) (i32.const 64) (i32.const 32))
      (call $describe (i32.const 4) (i32.const 68))))
    (i32.const 64))`;

const count = `
  (func (export "lodge:test/guest#count")
    (param $store i32) (param $storeLength i32) (param $key i32) (param $keyLength i32) (param $delta i64) (result i32)
    (local $bucket i32)
    ${openOrFail(8)}
    (call $increment (local.get $bucket) (local.get $key) (local.get $keyLength) (local.get $delta) (i32.const 0))
    (call $drop-bucket (local.get $bucket))
    (i32.store8 (i32.const 64) (i32.load8_u (i32.const 0)))
    (if (i32.load8_u (i32.const 0))
      (then (call $describe (i32.const 8) (i32.const 72)))
      (else (i64.store (i32.const 72) (i64.load (i32.const 8)))))
    (i32.const 64))`;

/** Notes each change in the bucket \`log\`, under the characters 1, 2, 3 …: \`+key=value\` or \`-key\`. */
const watcher = (draft: string): string => `
  (func $note (param $sign i32) (param $bucket i32) (param $key i32) (param $keyLength i32) (param $value i32) (param $valueLength i32)
    (local $log i32) (local $text i32) (local $end i32)
    ;; The bucket that came along must work; it must not be the one that this writes to.
    (call $exists (local.get $bucket) (local.get $key) (local.get $keyLength) (i32.const 0))
    (if (i32.load8_u (i32.const 0)) (then unreachable))
    (call $drop-bucket (local.get $bucket))
    (call $open (i32.const 1056) (i32.const 3) (i32.const 0))
    (if (i32.load8_u (i32.const 0)) (then unreachable))
    (local.set $log (i32.load (i32.const 4)))
    (call $increment (local.get $log) (i32.const 1060) (i32.const 1) (i64.const 1) (i32.const 0))
    (if (i32.load8_u (i32.const 0)) (then unreachable))
    (i32.store8 (i32.const 1062) (i32.add (i32.const 48) (i32.wrap_i64 (i64.load (i32.const 8)))))
    (local.set $text (call $alloc (i32.const 0) (i32.const 0) (i32.const 1)
      (i32.add (i32.const 2) (i32.add (local.get $keyLength) (local.get $valueLength)))))
    (i32.store8 (local.get $text) (local.get $sign))
    (memory.copy (i32.add (local.get $text) (i32.const 1)) (local.get $key) (local.get $keyLength))
    (local.set $end (i32.add (local.get $text) (i32.add (local.get $keyLength) (i32.const 1))))
    (if (i32.eq (local.get $sign) (i32.const 43)) (then
      (i32.store8 (local.get $end) (i32.const 61))
      (memory.copy (i32.add (local.get $end) (i32.const 1)) (local.get $value) (local.get $valueLength))
      (local.set $end (i32.add (local.get $end) (i32.add (local.get $valueLength) (i32.const 1))))))
    (call $set (local.get $log) (i32.const 1062) (i32.const 1) (local.get $text)
      (i32.sub (local.get $end) (local.get $text)) (i32.const 0))
    (if (i32.load8_u (i32.const 0)) (then unreachable))
    (call $drop-bucket (local.get $log)))
  (func (export "wasi:keyvalue/watcher@${draft}#on-set")
    (param $bucket i32) (param $key i32) (param $keyLength i32) (param $value i32) (param $valueLength i32)
    (call $note (i32.const 43) (local.get $bucket) (local.get $key) (local.get $keyLength) (local.get $value) (local.get $valueLength)))
  (func (export "wasi:keyvalue/watcher@${draft}#on-delete") (param $bucket i32) (param $key i32) (param $keyLength i32)
    (call $note (i32.const 45) (local.get $bucket) (local.get $key) (local.get $keyLength) (i32.const 0) (i32.const 0)))`;

/** Changes a key between \`cas.new\` and \`swap\`, and swaps again with the handle that the failure brings: the value at last is \`again\`. */
const swapTwice = `
  (data (i32.const 1064) "first")
  (data (i32.const 1072) "again")
  (func (export "lodge:test/guest#swap-twice")
    (param $store i32) (param $storeLength i32) (param $key i32) (param $keyLength i32) (result i32)
    (local $bucket i32) (local $cas i32)
    (call $open (local.get $store) (local.get $storeLength) (i32.const 0))
    (if (i32.load8_u (i32.const 0)) (then unreachable))
    (local.set $bucket (i32.load (i32.const 4)))
    (call $new-cas (local.get $bucket) (local.get $key) (local.get $keyLength) (i32.const 0))
    (if (i32.load8_u (i32.const 0)) (then unreachable))
    (local.set $cas (i32.load (i32.const 4)))
    (call $set (local.get $bucket) (local.get $key) (local.get $keyLength) (i32.const 1064) (i32.const 5) (i32.const 0))
    (if (i32.load8_u (i32.const 0)) (then unreachable))
    (call $swap (local.get $cas) (i32.const 1072) (i32.const 5) (i32.const 0))
    (if (i32.ne (i32.load8_u (i32.const 0)) (i32.const 1)) (then (return (i32.const 1))))
    (if (i32.ne (i32.load8_u (i32.const 4)) (i32.const 1)) (then (return (i32.const 2))))
    (local.set $cas (i32.load (i32.const 8)))
    (call $current (local.get $cas) (i32.const 0))
    (if (i32.ne (i32.load (i32.const 12)) (i32.const 5)) (then (return (i32.const 3))))
    (call $swap (local.get $cas) (i32.const 1072) (i32.const 5) (i32.const 0))
    (call $drop-bucket (local.get $bucket))
    (if (i32.load8_u (i32.const 0)) (then (return (i32.const 4))))
    (i32.const 0))`;

/** Reads, writes and counts. */
export async function counterGuest(): Promise<Uint8Array> {
  const draft = '0.2.0-draft';
  return embed(`(module ${imports(draft)} ${atomics(draft)} ${basics} ${putAndGet} ${count})`, [
    guestInterface,
    `world fixture {
      import wasi:keyvalue/store@${draft};
      import wasi:keyvalue/atomics@${draft};
      export guest;
    }`,
  ]);
}

/** Reads and writes what the label \`cache\` stands for. */
export async function labelledGuest(): Promise<Uint8Array> {
  const draft = '0.2.0-draft';
  return embed(`(module ${imports(draft, 'cache')} ${basics} ${putAndGet})`, [
    guestInterface.replace(/\n {2}count:.*/, ''),
    `world fixture {
      import cache: wasi:keyvalue/store@${draft};
      export guest;
    }`,
  ]);
}

/** Copies a value between stores: from the one that the label \`hot\` stands for, or the one without a label, into that of \`cold\`. */
export async function manyStoresGuest(): Promise<Uint8Array> {
  const draft = '0.2.0-draft';
  const stores = { hot: 'hot', cold: 'cold', plain: `wasi:keyvalue/store@${draft}` };
  const names = Object.keys(stores);
  const all = Object.entries(stores).map(([name, from]) =>
    imports(draft, from).replaceAll(/\(func \$/g, `(func $${name}-`),
  );
  const functions = names.map((name) =>
    putAndGet
      .replaceAll(/\(call \$(open|drop-bucket|get|set|exists)\b/g, `(call $${name}-$1`)
      .replaceAll(/guest#/g, `guest#${name}-`),
  );
  const members = names.map(
    (name) => `${name}-put: func(store: string, key: string, value: list<u8>) -> result<_, string>;
      ${name}-get: func(store: string, key: string) -> result<option<list<u8>>, string>;`,
  );
  return embed(`(module ${all.join('')} ${basics} ${functions.join('')})`, [
    `interface guest { ${members.join('')} }`,
    `world fixture {
      import hot: wasi:keyvalue/store@${draft};
      import cold: wasi:keyvalue/store@${draft};
      import wasi:keyvalue/store@${draft};
      export guest;
    }`,
  ]);
}

/** Notes the changes of what it watches, and can be asked for its notes. */
export async function watcherGuest(draft: '0.2.0-draft' | '0.2.0-draft2'): Promise<Uint8Array> {
  return embed(`(module ${imports(draft)} ${atomics(draft)} ${basics} ${putAndGet} ${count} ${watcher(draft)})`, [
    guestInterface,
    `world fixture {
      import wasi:keyvalue/store@${draft};
      import wasi:keyvalue/atomics@${draft};
      export wasi:keyvalue/watcher@${draft};
      export guest;
    }`,
  ]);
}

/** Compares and swaps. */
export async function swapGuest(): Promise<Uint8Array> {
  const draft = '0.2.0-draft2';
  const casImports = `
  (import "wasi:keyvalue/atomics@${draft}" "[static]cas.new" (func $new-cas (param i32 i32 i32 i32)))
  (import "wasi:keyvalue/atomics@${draft}" "[method]cas.current" (func $current (param i32 i32)))
  (import "wasi:keyvalue/atomics@${draft}" "swap" (func $swap (param i32 i32 i32 i32)))`;
  return embed(`(module ${imports(draft)} ${casImports} ${basics} ${putAndGet} ${swapTwice})`, [
    guestInterface.replace(/\n {2}count:.*/, '\n  swap-twice: func(store: string, key: string) -> u32;'),
    `world fixture {
      import wasi:keyvalue/store@${draft};
      import wasi:keyvalue/atomics@${draft};
      export guest;
    }`,
  ]);
}

async function embed(wat: string, wit: readonly string[]): Promise<Uint8Array> {
  const packages = await Promise.all(['draft', 'draft2'].map(readPackage));
  return embedComponent(wat, ['package lodge:test;', ...wit, ...packages].join('\n'), 'fixture');
}

/** The WIT that the package publishes, in the form that stands beside other packages. */
async function readPackage(name: string): Promise<string> {
  const text = await readFile(new URL(`../wit/${name}.wit`, import.meta.url), 'utf8');
  return text.replace(/^(package [^;]+);([\s\S]*)$/, '$1 {$2}');
}
