import assert from 'node:assert/strict';
import { type CompiledComponent, type ComponentInstance, type ComponentShape, HostError, WitError } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { Random, testScope } from '@lodge-internal/engine-suite';
import { fixture, fixtureNames, watComponent } from '@lodge-internal/fixtures';
import { describe, expect, it } from 'vitest';
import { anyHost, anySuspending, anyValue } from './any-host.js';
import { mutated } from './mutation.js';
import { resetComponents } from './reset-components.js';
import { stallOf } from './start.js';

/** Another seed makes other components; what fails is found again with the seed and the number that were printed. */
const seed = Number(process.env['LODGE_SEED'] ?? 20_261_122);
const mutations = Number(process.env['LODGE_MUTATIONS'] ?? 10_000);
/** Which of the slices of so many of them, from 0: together they are one long row. */
const slice = Number(process.env['LODGE_SLICE'] ?? 0);
/** Which of them, to look at one alone. */
const only = process.env['LODGE_MUTATION'] === undefined ? undefined : Number(process.env['LODGE_MUTATION']);

/** Milliseconds of this thread's own work. A guest may keep the loop for 50 ms where it cannot be suspended; the rest is the machine's. */
const mostStall = 60;
const callDeadline = 100;
const engine = lodgeEngine();
const scope = testScope('hostile');

describe(`components changed in their structure (LODGE_SEED=${seed}, LODGE_SLICE=${slice})`, () => {
  it(`${mutations} of them are refused or run, end in time, and hold nothing up`, async () => {
    const originals = [
      ...(await Promise.all(fixtureNames.map((name) => fixture(name)))),
      ...(await Promise.all(resetComponents.map(({ text }) => watComponent(text)))),
    ];
    const outcomes = { refused: 0, compiled: 0, called: 0, failed: 0 };
    await tryOut(originals[0] ?? new Uint8Array(), new Random(0), outcomes);
    const before = process.memoryUsage().rss;
    const first = only ?? slice * mutations;
    const end = only === undefined ? first + mutations : only + 1;
    for (let index = first; index < end; index++) {
      const random = new Random(seed + index);
      const bytes = mutated(random.pick(originals), random.pick(originals), random);
      const what = `mutation ${index}`;
      let stall = await stallOfMutation(() => tryOut(bytes, new Random(seed + index), outcomes), what);
      // The garbage of everything before can be collected now: only what is slow again and again is slow.
      for (let retry = 0; retry < 3 && stall > mostStall; retry++) {
        stall = await stallOfMutation(() => tryOut(bytes, new Random(seed + index), outcomes), what);
      }
      assert(stall <= mostStall, `${what} stalls the event loop for ${Math.round(stall)} ms`);
    }
    console.info(`hostile components: ${JSON.stringify(outcomes)}`);
    expect(process.memoryUsage().rss - before).toBeLessThan(1_000_000_000);
    if (only === undefined) {
      for (const [outcome, count] of Object.entries(outcomes)) expect(count, outcome).toBeGreaterThan(mutations / 100);
    }
  }, 3_600_000);
});

/** As {@link stallOf}, for work that must come to an end. */
async function stallOfMutation(work: () => Promise<void>, what: string): Promise<number> {
  let watchdog: NodeJS.Timeout | undefined;
  const isHanging = new Promise<never>((_, reject) => {
    watchdog = setTimeout(() => reject(new Error('it hangs')), 20_000);
  });
  try {
    return await stallOf(() => Promise.race([work(), isHanging]));
  } catch (cause) {
    throw new Error(`${what}: ${cause instanceof Error ? cause.stack : String(cause)}`, { cause });
  } finally {
    clearTimeout(watchdog);
  }
}

type Outcomes = Record<'refused' | 'compiled' | 'called' | 'failed', number>;

/** Inspects, compiles, instantiates twice and calls everything once. */
async function tryOut(bytes: Uint8Array, random: Random, outcomes: Outcomes): Promise<void> {
  let shape: ComponentShape;
  let compiled: CompiledComponent;
  try {
    shape = await engine.inspect(bytes);
    compiled = await engine.compile(bytes, {
      name: 'hostile',
      suspendingImports: anySuspending(shape, random),
      isInterruptible: true,
      limits: { maxMemoryBytes: 2 ** 24, maxLiftedBytes: 2 ** 20, maxListLength: 10_000, maxHandles: 1000 },
    });
  } catch (error) {
    expectHostError(error);
    outcomes.refused++;
    return;
  }
  outcomes.compiled++;
  const imports = new Map([['hostile', anyHost(shape, random)]]);
  for (let life = 0; life < 2; life++) {
    try {
      const instance = await compiled.instantiate(imports, scope);
      await callAll(instance, shape, random, outcomes);
      instance.dispose();
    } catch (error) {
      expectHostError(error);
      outcomes.failed++;
    }
  }
  compiled.dispose();
}

async function callAll(
  instance: ComponentInstance,
  shape: ComponentShape,
  random: Random,
  outcomes: Outcomes,
): Promise<void> {
  const calls = [
    ...shape.exportedFunctions.map((fn) => ({ fn, owner: instance.exports as Readonly<Record<string, unknown>> })),
    ...shape.exports.flatMap(({ externName, functions }) => {
      const owner = instance.exports[externName] as unknown as Readonly<Record<string, unknown>>;
      return functions.map((fn) => ({ fn, owner }));
    }),
  ];
  for (const { fn, owner } of calls.slice(0, 12)) {
    if (fn.kind !== 'function') continue;
    const timer = setTimeout(() => instance.interrupt(new HostError('ERR_CALL_TIMEOUT', 'Too long.')), callDeadline);
    try {
      const name = camelCase(fn.name);
      const func = owner[name];
      assert(typeof func === 'function', `there is no ${name}`);
      const args = fn.params.map(({ type }) => anyValue(type, random));
      await func(...args);
      outcomes.called++;
    } catch (error) {
      outcomes.failed++;
      if (WitError.is(error)) continue;
      // Two names can be one in JavaScript, and an object of any class is no resource of the guest.
      if (error instanceof TypeError && error.message.startsWith('expected ')) continue;
      expectHostError(error);
    } finally {
      clearTimeout(timer);
    }
    if (instance.isPoisoned) return;
  }
}

function camelCase(name: string): string {
  const [first = '', ...others] = name.split('-');
  return (
    first.toLowerCase() + others.map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()).join('')
  );
}

function expectHostError(error: unknown): void {
  assert(HostError.is(error), `not a HostError: ${error instanceof Error ? error.stack : String(error)}`);
}
