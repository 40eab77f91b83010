import { readFile } from 'node:fs/promises';
import type { ExportHandle, HostPlugin, ResolvedWorkload } from '@lodge/core';
import { embedComponent } from '@lodge-internal/fixtures';

const runId = 'test:speaker/run@1.0.0';

const wit = `package test:speaker@1.0.0;
interface run {
  say: func(level: u32, context: string, message: string, times: u32);
}
world speaker {
  import wasi:logging/logging@0.1.0-draft;
  export run;
}
`;

const core = `(module
  (import "wasi:logging/logging@0.1.0-draft" "log" (func $log (param i32 i32 i32 i32 i32)))
  (memory (export "memory") 2)
  (global $next (mut i32) (i32.const 1024))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (local.get 3))))
  (func (export "test:speaker/run@1.0.0#say") (param i32 i32 i32 i32 i32 i32)
    (loop $again
      (call $log (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4))
      (local.set 5 (i32.sub (local.get 5) (i32.const 1)))
      (br_if $again (local.get 5)))))`;

/** A component that logs what it is told. */
export async function loggerComponent(): Promise<Uint8Array> {
  const text = await readFile(new URL('../wit/logging.wit', import.meta.url), 'utf8');
  const nested = text.replace(/^package ([^;]+);/, 'package $1 {').concat('}\n');
  return embedComponent(core, `${wit}\n${nested}`, 'speaker');
}

/** A plugin that tells it. */
export interface SpeakerCaller extends HostPlugin<undefined> {
  say(level: number, context: string, message: string, times?: number): Promise<void>;
}

export function speakerCaller(): SpeakerCaller {
  let workload: ResolvedWorkload | undefined;
  function handle(): ExportHandle {
    const [found] = workload?.exports(runId, 'say') ?? [];
    if (found === undefined) throw new Error('the workload is not running');
    return found;
  }
  return {
    specVersion: 1,
    id: 'test-speaker',
    world: { provides: [], calls: [{ id: runId }] },
    onWorkloadBind: async () => undefined,
    bindComponent: async () => ({ importsFor: () => ({}) }),
    async onWorkloadResolved(resolved) {
      workload = resolved;
    },
    onWorkloadUnbind: async () => undefined,
    say: (level, context, message, times = 1) => handle().call({ args: () => [level, context, message, times] }),
  };
}
