import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import {
  type CompileOptions,
  type ComponentImports,
  type ComponentInfo,
  type ComponentInstance,
  type Engine,
  type GuestFunction,
  HostError,
  type HostErrorCode,
  type InstanceScope,
} from '@lodge/core';

/** What the suite needs of a test runner; vitest's `describe` and `test` fit. */
export interface TestRunner {
  describe(name: string, body: () => void): void;
  test(name: string, body: (context: TestContext) => Promise<void>, timeoutMs?: number): void;
}

/** What a running test may say to its runner. */
export interface TestContext {
  /** Ends the test as skipped; the note is reported. */
  skip(note?: string): void;
}

/** How one engine differs, and how much is tried. */
export interface EngineSuiteOptions {
  /** Tests, by name, that this engine does not pass, each with the reason. They are reported as skipped. */
  readonly differences?: Readonly<Record<string, string>>;
  /** Mutated components that are inspected and compiled. @default 300 */
  readonly mutations?: number;
  /** Random types that are echoed. @default 40 */
  readonly randomTypes?: number;
}

/** What one test starts, so that it ends with it. */
export interface Bench {
  readonly engine: Engine;
  /** Compiles and instantiates, with the imports of the component itself unless `importsOf` has more. */
  start(bytes: Uint8Array, options?: StartOptions): Promise<StartedComponent>;
}

/** How a component is started. Everything may be left out. */
export interface StartOptions extends Partial<Omit<CompileOptions, 'suspendingImports'>> {
  readonly imports?: ComponentImports;
  /** Imports of linked components, by component name. */
  readonly importsOf?: Readonly<Record<string, ComponentImports>>;
  readonly suspending?: readonly string[];
}

/** A live component. */
export interface StartedComponent {
  readonly instance: ComponentInstance;
  /** An exported interface. Members that are missing fail the test by being called. */
  exported(externName: string): Record<string, GuestFunction>;
  /** An exported function of the world. */
  exportedFunction(name: string): GuestFunction;
}

/** The tests of one engine: skips what the engine says it lacks, and knows which names there are. */
export class Suite {
  readonly names: Set<string> = new Set();
  readonly options: EngineSuiteOptions;
  readonly #runner: TestRunner;
  readonly #setup: () => Engine | Promise<Engine>;

  constructor(runner: TestRunner, setup: () => Engine | Promise<Engine>, options: EngineSuiteOptions) {
    this.#runner = runner;
    this.#setup = setup;
    this.options = options;
  }

  describe(name: string, body: () => void): void {
    this.#runner.describe(name, body);
  }

  /** @param needs an ability without which the test is skipped */
  test(name: string, body: (bench: Bench) => Promise<void>, needs?: keyof Engine['supports']): void {
    assert(!this.names.has(name), `two tests have the name ${JSON.stringify(name)}`);
    this.names.add(name);
    this.#runner.test(
      name,
      async (context) => {
        const difference = this.options.differences?.[name];
        if (difference !== undefined) return context.skip(difference);
        const engine = await this.#setup();
        if (needs !== undefined && !engine.supports[needs])
          return context.skip(`the engine ${engine.name} does not support ${needs}`);
        const started: (() => void)[] = [];
        try {
          await body({ engine, start: (bytes, options) => start(engine, bytes, options ?? {}, started) });
        } finally {
          for (const end of started.reverse()) end();
        }
      },
      60_000,
    );
  }
}

async function start(
  engine: Engine,
  bytes: Uint8Array,
  options: StartOptions,
  started: (() => void)[],
): Promise<StartedComponent> {
  const { imports = {}, importsOf = {}, suspending = [], name = 'subject', ...rest } = options;
  const compiled = await engine.compile(bytes, { ...rest, name, suspendingImports: new Set(suspending) });
  started.push(() => compiled.dispose());
  const instance = await compiled.instantiate(
    new Map(Object.entries({ ...importsOf, [name]: imports })),
    testScope(name),
  );
  started.push(() => instance.dispose());
  return {
    instance,
    exported: (externName) => {
      const found = instance.exports[externName];
      assert(typeof found === 'object', `there is no exported interface ${externName}`);
      return found as Record<string, GuestFunction>;
    },
    exportedFunction: (member) => {
      const found = instance.exports[member];
      assert(typeof found === 'function', `there is no exported function ${member}`);
      return found as GuestFunction;
    },
  };
}

/** A scope without a host behind it. */
export function testScope(name: string): InstanceScope {
  return {
    id: `scope-of-${name}`,
    component: testComponentInfo(name),
    signal: new AbortController().signal,
    defer: () => {},
  };
}

function testComponentInfo(name: string): ComponentInfo {
  const workload = { id: 'workload', namespace: 'tests', name: 'suite', annotations: {} };
  return { name, kind: 'component', workload, callConcurrency: 0, localResources: noResources };
}

const noResources: ComponentInfo['localResources'] = {
  memoryLimitMb: 0,
  cpuLimit: 0,
  config: {},
  environment: {},
  arguments: [],
  volumeMounts: [],
  allowedHosts: [],
  allowedIpNameLookups: [],
  allowedHostLoopbackPorts: [],
};

/** What `work` throws or rejects with. Fails when it does neither. */
export async function failureOf(work: () => unknown): Promise<unknown> {
  let value: unknown;
  try {
    value = await work();
  } catch (error) {
    return error;
  }
  assert.fail(`expected a failure, got ${inspect(value, { maxArrayLength: 5, maxStringLength: 100, depth: 1 })}`);
}

/** Fails unless `work` ends with a {@link HostError} of this code, which it returns. */
export async function expectHostError(work: () => unknown, ...codes: HostErrorCode[]): Promise<HostError> {
  const error = await failureOf(work);
  assert(HostError.is(error), `expected a HostError ${codes.join(' or ')}, got ${describe(error)}`);
  assert(codes.includes(error.code), `expected ${codes.join(' or ')}, got ${error.code}: ${error.message}`);
  return error;
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** `value` without members that are `undefined`: whether those are there is no part of the conventions. */
export function normalize(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalize);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.map(([key, member]) => [key, normalize(member)]));
}

/** Resolves after the event loop has turned once. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
