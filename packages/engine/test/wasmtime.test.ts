import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type GuestFunction, HostError } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { Random, RandomTypes, testScope } from '@lodge-internal/engine-suite';
import {
  dumpComponent,
  dumpInterface,
  type EchoFunction,
  loadComponent,
  loadInterface,
  type ValueType,
} from '@lodge-internal/fixtures';
import { beforeAll, describe, expect, it } from 'vitest';
import { depths, exportsOf } from './echo.js';
import { neutralValue } from './neutral-values.js';

/** Another seed makes other types and values; what fails is found again with the seed that was printed. */
const seed = Number(process.env['LODGE_SEED'] ?? 20_261_122);
const types = 150;
const valuesPerType = Math.ceil(Number(process.env['LODGE_VALUES_PER_TYPE'] ?? 50) / 2);

const run = promisify(execFile);

/** Function, and arguments as JSON. */
type Call = readonly [name: string, args: readonly unknown[]];

describe(`wasmtime (LODGE_SEED=${seed})`, () => {
  let isThere = false;
  beforeAll(async () => {
    isThere = await run('python3', ['-c', 'import wasmtime.component']).then(
      () => true,
      () => false,
    );
  });

  it('puts the same bytes into guest memory', async (context) => {
    if (!isThere) return context.skip('there is no Python with the wasmtime package');
    const random = new RandomTypes(seed + 1000, { isRich: true });
    const functions: readonly EchoFunction[] = Array.from({ length: types }, (_, index) => ({
      name: `call${index}`,
      params: Array.from({ length: 1 + (index % 3) }, () => random.type(depths[index % depths.length] ?? 0)),
      result: undefined,
    }));
    const bytes = await dumpComponent(functions);
    const open = await opener(bytes, dumpInterface);
    const guest = open();
    const calls: Call[] = [];
    const dumps: string[] = [];
    for (const { name, params } of functions) {
      for (let round = 0; round < valuesPerType; round++) {
        const args = params.map((type) => random.value(type));
        calls.push([name, params.map((type, index) => neutralValue(type, args[index]))]);
        dumps.push(JSON.stringify(hex(guest[name]?.(...args))));
      }
    }
    expectSame(calls, dumps, await inWasmtime(bytes, dumpInterface, calls));
  }, 240_000);

  it('takes the same values out of guest memory, or traps for it as well, whatever lies there', async (context) => {
    if (!isThere) return context.skip('there is no Python with the wasmtime package');
    const random = new RandomTypes(seed + 2000, { isRich: true });
    const functions: readonly EchoFunction[] = Array.from({ length: types }, (_, index) => ({
      name: `call${index}`,
      params: [{ kind: 'list', element: random.type(depths[index % depths.length] ?? 0) }],
      result: undefined,
    }));
    const [dumped, loading] = [await dumpComponent(functions), await loadComponent(functions)];
    const dump = (await opener(dumped, dumpInterface))();
    const open = await opener(loading, loadInterface);
    let load = open();
    const numbers = new Random(seed);
    const calls: Call[] = [];
    const results: string[] = [];
    const outcomes = { value: 0, trap: 0 };
    for (const { name, params } of functions) {
      const type = params[0] as ValueType;
      for (let round = 0; round < valuesPerType; round++) {
        const value = random.value(type);
        const bytes = dump[name]?.(value) as Uint8Array;
        // Every second time what the guest has there is what no host has written.
        if (round % 2 === 1) damage(bytes, numbers);
        calls.push([name, [hex(bytes)]]);
        try {
          const lifted = neutralValue(type, load[name]?.(bytes));
          if (round % 2 === 0) expect(lifted).toEqual(neutralValue(type, value));
          results.push(JSON.stringify(lifted));
          outcomes.value++;
        } catch (error) {
          // A list may be longer than its limit before it is longer than the memory.
          if (!HostError.is(error, 'ERR_GUEST_TRAPPED') && !HostError.is(error, 'ERR_LIMIT_EXCEEDED')) throw error;
          results.push('!');
          outcomes.trap++;
          load = open();
        }
      }
    }
    expectSame(calls, results, await inWasmtime(loading, loadInterface, calls));
    for (const [outcome, count] of Object.entries(outcomes)) expect(count, outcome).toBeGreaterThan(calls.length / 50);
  }, 240_000);
});

/** Changes one to three bytes of what a list's pointer, its length or its elements are. */
function damage(bytes: Uint8Array, random: Random): void {
  const places = [0, 1, 8, 9, ...Array.from({ length: Math.max(0, bytes.length - 128) }, (_, index) => 128 + index)];
  for (let count = 1 + random.below(3); count > 0; count--) {
    bytes[random.pick(places)] = random.pick([0, 1, 2, 0x7f, 0x80, 0xd8, 0xff, random.below(256)]);
  }
}

function hex(bytes: unknown): string {
  return Buffer.from(bytes as Uint8Array).toString('hex');
}

/** What makes a new instance of a component, as the functions of one of its interfaces. */
async function opener(bytes: Uint8Array, name: string): Promise<() => Readonly<Record<string, GuestFunction>>> {
  const compiled = await lodgeEngine().compile(bytes, { name: 'subject', suspendingImports: new Set() });
  return () => {
    const instance = compiled.instantiate(new Map(), testScope('subject'));
    if (instance instanceof Promise) throw new Error('it takes its time');
    return exportsOf(instance, name);
  };
}

/** A line for each call: what wasmtime answers as JSON, or `!` and why it does not. */
async function inWasmtime(bytes: Uint8Array, name: string, calls: readonly Call[]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'lodge-wasmtime-'));
  try {
    const [component, input] = [join(folder, 'component.wasm'), join(folder, 'calls.json')];
    await writeFile(component, bytes);
    await writeFile(input, JSON.stringify(calls));
    const script = join(import.meta.dirname, 'wasmtime_calls.py');
    const { stdout } = await run('python3', [script, component, name, input], { maxBuffer: 2 ** 30 });
    return stdout.trimEnd().split('\n');
  } finally {
    await rm(folder, { recursive: true });
  }
}

function expectSame(calls: readonly Call[], ours: readonly string[], theirs: readonly string[]): void {
  expect(theirs).toHaveLength(ours.length);
  for (const [index, line] of theirs.entries()) {
    const what = `call ${index}: ${JSON.stringify(calls[index]).slice(0, 2000)}: ${line.slice(0, 200)}`;
    expect(ours[index], what).toBe(line.startsWith('!') ? '!' : JSON.stringify(JSON.parse(line)));
  }
}
