import assert from 'node:assert/strict';
import { type PluginContext, type Shared, silentLogger } from '@lodge/core';
import type { ConfigBackend, ConfigPlace, ConfigSource } from '../backend.js';
import type { ConfigBackendSetup } from './setup.js';

/** Milliseconds until a change must have arrived, and until a call must have given up. */
const patienceMs = 5_000;

/** A started backend and what was opened of it. */
export class Stage {
  readonly backend: ConfigBackend;
  readonly setup: ConfigBackendSetup;
  readonly #sources: ConfigSource[] = [];
  readonly #shared = new Map<string, Promise<Shared>>();

  constructor(backend: ConfigBackend, setup: ConfigBackendSetup) {
    this.backend = backend;
    this.setup = setup;
  }

  async start(): Promise<void> {
    const context: PluginContext = {
      logger: silentLogger,
      host: { id: 'host', friendlyName: 'host', version: '0.0.0', labels: {} },
      shared: <T extends Shared>(key: string, create: () => Promise<T>): Promise<T> => {
        const made = this.#shared.get(key) ?? create();
        this.#shared.set(key, made);
        return made as Promise<T>;
      },
    };
    await this.backend.start?.(context, { signal: neverAborted() });
  }

  async put(place: ConfigPlace, key: string, value: string): Promise<void> {
    await this.setup.put(this.backend, place, key, value);
  }

  async remove(place: ConfigPlace, key: string): Promise<void> {
    await this.setup.remove(this.backend, place, key);
  }

  /** Opens a place that is there. */
  async open(place: ConfigPlace): Promise<ConfigSource> {
    const source = await this.backend.open(place, { signal: neverAborted() });
    assert.ok(source, `there is no store ${JSON.stringify(place)}, although a value was put into it`);
    this.#sources.push(source);
    return source;
  }

  async held(): Promise<number> {
    return (await this.setup.held?.(this.backend)) ?? 0;
  }

  async close(): Promise<void> {
    await atMost(Promise.allSettled(this.#sources.map((source) => source.close())));
    await atMost(Promise.allSettled([this.backend.stop?.({ signal: neverAborted() })]));
    for (const shared of this.#shared.values()) await shared.then((thing) => thing.close()).catch(() => {});
    await this.setup.dispose?.(this.backend);
  }
}

/** Runs a rule with a new, started backend, and takes it down. */
export async function withBackend(setup: ConfigBackendSetup, rule: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = new Stage(await setup.create(), setup);
  try {
    await stage.start();
    await rule(stage);
  } finally {
    await stage.close();
  }
}

/** Reads until the answer is the expected one. @throws AssertionError with the last answer. */
export async function eventually<T>(read: () => T, expected: T, message: string): Promise<void> {
  const end = performance.now() + patienceMs;
  while (read() !== expected && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(read(), expected, message);
}

/** Taking down what is broken must not hang: the rule has its verdict already. */
async function atMost(work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, 1_000);
  await Promise.race([work, late.promise]);
  clearTimeout(timer);
}

/** Waits for `work` that has been told to give up, whatever comes of it. */
export async function givesUp(work: Promise<unknown>, message: string): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new assert.AssertionError({ message })), patienceMs);
  try {
    await Promise.race([Promise.allSettled([work]), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a source has, by key. */
export function valuesOf(source: ConfigSource): Record<string, string> {
  const entries = [...source.entries()].map(([key, value]) => [key, value] as const);
  assert.equal(new Map(entries).size, entries.length, 'entries has a key twice');
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}
