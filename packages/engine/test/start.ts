import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { CompiledComponent, CompileOptions, ComponentInstance, Engine } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { testScope } from '@lodge-internal/engine-suite';
import { watComponent } from '@lodge-internal/fixtures';

/** A component of a test, compiled. */
export interface Started {
  readonly compiled: CompiledComponent;
  /** A new life of it. */
  open(imports?: Readonly<Record<string, unknown>>): Opened;
}

export interface Opened {
  readonly instance: ComponentInstance;
  /** Calls an exported function of the world. */
  call(name: string, ...args: unknown[]): unknown;
}

/** Compiles a component in text format. */
export async function compileText(
  text: string,
  options: Partial<CompileOptions> = {},
  engine: Engine = lodgeEngine(),
): Promise<Started> {
  return compileBytes(await watComponent(text), options, engine);
}

export async function compileBytes(
  bytes: Uint8Array,
  options: Partial<CompileOptions> = {},
  engine: Engine = lodgeEngine(),
): Promise<Started> {
  const compiled = await engine.compile(bytes, { name: 'subject', suspendingImports: new Set(), ...options });
  return {
    compiled,
    open(imports = {}) {
      const instance = compiled.instantiate(new Map([['subject', imports]]), testScope('subject'));
      assert(!(instance instanceof Promise));
      const call = (name: string, ...args: unknown[]): unknown => {
        const func = instance.exports[name];
        assert(typeof func === 'function', `there is no exported function ${name}`);
        return func(...args);
      };
      return { instance, call };
    },
  };
}

/** Frees what earlier tests left, so that this is not done while a later one measures time. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

/** The longest time, in milliseconds of work of this thread, for which the event loop stood still while `work` was under way. */
export async function stallOf(work: () => Promise<unknown>): Promise<number> {
  const used = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let stall = 0;
  let last = used();
  const tick = (): void => {
    const now = used();
    stall = Math.max(stall, now - last);
    last = now;
  };
  const timer = setInterval(tick, 1);
  try {
    await work();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    clearInterval(timer);
    tick();
  }
  return stall;
}

/** The least {@link stallOf} of three times: what goes unnoticed does so each time, the machine's own pauses do not come every time. */
export async function leastStall(work: () => Promise<unknown>): Promise<number> {
  const stalls: number[] = [];
  for (let time = 0; time < 3; time++) stalls.push(await stallOf(work));
  return Math.min(...stalls);
}
