import type { CompiledComponent, ComponentInstance, ComponentShape, Engine, GuestFunction } from '@lodge/core';
import { testEngine } from '@lodge-internal/engine-suite';
import { describe, expect, test } from 'vitest';
import { jcoEngine } from '../src/index.js';

/** An engine with one defect, and tests of the suite that must not let it pass. */
interface BrokenEngine {
  readonly defect: string;
  readonly engine: Engine;
  readonly caughtBy: readonly string[];
}

const brokenEngines: readonly BrokenEngine[] = [
  {
    defect: 'gives results back changed',
    engine: breakInstances((instance) =>
      withFunctions(
        instance,
        (fn) =>
          (...args) =>
            changed(fn(...args)),
      ),
    ),
    caughtBy: [
      'u32 travels through a guest and back',
      'strings in utf8 keep every character',
      'an ok result is returned as its payload',
    ],
  },
  {
    defect: 'throws foreign errors',
    engine: breakInstances((instance) =>
      withFunctions(
        instance,
        (fn) =>
          async (...args) =>
            rethrowPlain(() => fn(...args)),
      ),
    ),
    caughtBy: [
      'a trap tells component, function and the stack of the guest',
      'any other error of a host function ends the call with it as the cause, and the instance',
      'a WitError of a host function reaches the guest, and the err of the guest is a WitError',
    ],
  },
  {
    defect: 'never says that an instance is over',
    engine: breakInstances((instance) => derive(instance, { isPoisoned: { value: false } })),
    caughtBy: ['after a trap every call is refused', 'an interruption without a call ends the instance'],
  },
  {
    defect: 'does not dispose',
    engine: breakInstances((instance) => derive(instance, { dispose: { value: () => {} } })),
    caughtBy: [
      'what the guest still holds is disposed of with the instance, newest first, once',
      'a disposed instance refuses calls, and a second dispose does nothing',
    ],
  },
  {
    defect: 'knows no resources',
    engine: { ...jcoEngine(), inspect: async (bytes) => withoutResources(await jcoEngine().inspect(bytes)) },
    caughtBy: ['an imported resource has its constructor, methods and static functions'],
  },
  {
    defect: 'takes any bytes',
    engine: {
      ...jcoEngine(),
      inspect: async () => ({ imports: [], exports: [], importedFunctions: [], exportedFunctions: [] }),
    },
    caughtBy: ['a core module is refused with what it is', 'text is refused with what it is'],
  },
];

describe('the engine suite', () => {
  for (const { defect, engine, caughtBy } of brokenEngines) {
    test.each(caughtBy)(`catches an engine that ${defect}: %s`, async (name) => {
      await expect(runTest(jcoEngine(), name)).resolves.toBeUndefined();
      await expect(runTest(engine, name)).rejects.toThrow();
    });
  }

  test('reports a difference that names no test', async () => {
    const tests = collect(jcoEngine(), { 'no such test': 'a reason' });
    await expect(tests.get('every listed difference names a test')?.({ skip: () => {} })).rejects.toThrow(
      /no such test/,
    );
  });

  test('reports the reason of a skipped test', async () => {
    const notes: unknown[] = [];
    const name = 'a trap tells component, function and the stack of the guest';
    await collect(jcoEngine(), { [name]: 'a reason' }).get(name)?.({ skip: (note) => notes.push(note) });
    expect(notes).toEqual(['a reason']);
  });
});

type TestBody = (context: { skip(note?: string): void }) => Promise<void>;

function collect(engine: Engine, differences: Readonly<Record<string, string>> = {}): Map<string, TestBody> {
  const tests = new Map<string, TestBody>();
  const runner = {
    describe: (_name: string, body: () => void) => body(),
    test: (name: string, body: TestBody) => {
      tests.set(name, body);
    },
  };
  testEngine(runner, () => engine, { differences });
  return tests;
}

async function runTest(engine: Engine, name: string): Promise<void> {
  const body = collect(engine).get(name);
  if (body === undefined) throw new Error(`the suite has no test ${name}`);
  await body({ skip: () => {} });
}

function breakInstances(breakOne: (instance: ComponentInstance) => ComponentInstance): Engine {
  const engine = jcoEngine();
  return {
    ...engine,
    async compile(bytes, options): Promise<CompiledComponent> {
      const compiled = await engine.compile(bytes, options);
      return {
        ...compiled,
        instantiate: async (imports, scope) => breakOne(await compiled.instantiate(imports, scope)),
      };
    },
  };
}

function derive(instance: ComponentInstance, members: PropertyDescriptorMap): ComponentInstance {
  return Object.create(instance, members) as ComponentInstance;
}

function withFunctions(instance: ComponentInstance, change: (fn: GuestFunction) => GuestFunction): ComponentInstance {
  const exports = Object.fromEntries(
    Object.entries(instance.exports).map(([name, member]) => [
      name,
      typeof member === 'function'
        ? change(member)
        : Object.fromEntries(Object.entries(member).map(([key, fn]) => [key, /^[A-Z]/.test(key) ? fn : change(fn)])),
    ]),
  );
  return derive(instance, { exports: { value: exports } });
}

function changed(result: unknown): unknown {
  if (result instanceof Promise) return result.then(changed);
  if (typeof result === 'number') return result + 1;
  return typeof result === 'string' ? `${result}!` : result;
}

async function rethrowPlain(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch {
    throw new Error('something went wrong');
  }
}

function withoutResources(shape: ComponentShape): ComponentShape {
  return { ...shape, imports: shape.imports.map((one) => ({ ...one, resources: [] })) };
}
