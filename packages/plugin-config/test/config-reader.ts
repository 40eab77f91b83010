import { readFile } from 'node:fs/promises';
import type { ExportHandle, HostPlugin, ResolvedWorkload } from '@lodge/core';
import { embedComponent } from '@lodge-internal/fixtures';

const runId = 'test:reader/run@1.0.0';

const wit = `package test:reader@1.0.0;
interface run {
  read: func(key: string) -> string;
  read-older: func(key: string) -> string;
  read-limits: func(key: string) -> string;
  count: func() -> u32;
}
world reader {
  import wasi:config/store@0.2.0-rc.1;
  import wasi:config/runtime@0.2.0-draft;
  import limits: wasi:config/store@0.2.0-rc.1;
  export run;
}
`;

// A string result of an import lies at 1028, after the byte that says ok; that of an export is left at 2048.
const core = `(module
  (import "wasi:config/store@0.2.0-rc.1" "get" (func $get (param i32 i32 i32)))
  (import "wasi:config/store@0.2.0-rc.1" "get-all" (func $get-all (param i32)))
  (import "wasi:config/runtime@0.2.0-draft" "get" (func $get-older (param i32 i32 i32)))
  (import "limits" "get" (func $get-limits (param i32 i32 i32)))
  (memory (export "memory") 2)
  (data (i32.const 3000) "(none)")
  (global $next (mut i32) (i32.const 65536))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (local.get 3))))
  (func $answer (result i32)
    (if (i32.or (i32.load8_u (i32.const 1024)) (i32.eqz (i32.load8_u (i32.const 1028))))
      (then (i64.store (i32.const 2048) (i64.const ${3000n | (6n << 32n)})))
      (else (i64.store (i32.const 2048) (i64.load (i32.const 1032)))))
    (i32.const 2048))
  (func (export "test:reader/run@1.0.0#read") (param i32 i32) (result i32)
    (call $get (local.get 0) (local.get 1) (i32.const 1024))
    (call $answer))
  (func (export "test:reader/run@1.0.0#read-older") (param i32 i32) (result i32)
    (call $get-older (local.get 0) (local.get 1) (i32.const 1024))
    (call $answer))
  (func (export "test:reader/run@1.0.0#read-limits") (param i32 i32) (result i32)
    (call $get-limits (local.get 0) (local.get 1) (i32.const 1024))
    (call $answer))
  (func (export "test:reader/run@1.0.0#count") (result i32)
    (call $get-all (i32.const 1024))
    (i32.load (i32.const 1032))))`;

/** A component that reads its configuration when it is told to. */
export async function configReader(): Promise<Uint8Array> {
  const sources = await Promise.all(['config.wit', 'config-draft.wit'].map(readPackage));
  return embedComponent(core, [wit, ...sources].join('\n'), 'reader');
}

/** The WIT that this package ships, as a nested package. */
async function readPackage(file: string): Promise<string> {
  const text = await readFile(new URL(`../wit/${file}`, import.meta.url), 'utf8');
  return text.replace(/^package ([^;]+);/, 'package $1 {').concat('}\n');
}

/** A plugin that tells the component to. */
export interface ReaderCaller extends HostPlugin<undefined> {
  call(name: 'read' | 'read-older' | 'read-limits', key: string): Promise<string>;
  count(): Promise<number>;
}

export function readerCaller(): ReaderCaller {
  let workload: ResolvedWorkload | undefined;
  function handle(name: string): ExportHandle {
    const [found] = workload?.exports(runId, name) ?? [];
    if (found === undefined) throw new Error('the workload is not running');
    return found;
  }
  return {
    specVersion: 1,
    id: 'test-reader',
    world: { provides: [], calls: [{ id: runId }] },
    onWorkloadBind: async () => undefined,
    bindComponent: async () => ({ importsFor: () => ({}) }),
    async onWorkloadResolved(resolved) {
      workload = resolved;
    },
    onWorkloadUnbind: async () => undefined,
    call: (name, key) => handle(name).call<string>({ args: () => [key] }),
    count: () => handle('count').call<number>({ args: () => [] }),
  };
}
