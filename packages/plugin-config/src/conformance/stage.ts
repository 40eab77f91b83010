import assert from 'node:assert/strict';
import {
  atMost,
  eventually as eventuallyRight,
  hostContext,
  neverAborted,
  promptly,
} from '@lodge-internal/conformance';
import type { ConfigBackend, ConfigPlace, ConfigSource } from '../backend.js';
import type { ConfigBackendSetup } from './setup.js';

/** Milliseconds until a change must have arrived, and until a call must have given up. */
const patienceMs = 5_000;

/** A started backend and what was opened of it. */
export class Stage {
  readonly backend: ConfigBackend;
  readonly setup: ConfigBackendSetup;
  readonly #sources: ConfigSource[] = [];
  readonly #host = hostContext();

  constructor(backend: ConfigBackend, setup: ConfigBackendSetup) {
    this.backend = backend;
    this.setup = setup;
  }

  async start(): Promise<void> {
    await this.backend.start?.(this.#host.context, { signal: neverAborted() });
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
    await this.#host.close().catch(() => {});
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
  await eventuallyRight(read, { isRight: (value) => value === expected, patienceMs, message });
}

/** Waits for `work` that has been told to give up, whatever comes of it. */
export async function givesUp(work: Promise<unknown>, message: string): Promise<void> {
  await promptly(Promise.allSettled([work]), patienceMs, message);
}

/** What a source has, by key. */
export function valuesOf(source: ConfigSource): Record<string, string> {
  const entries = [...source.entries()].map(([key, value]) => [key, value] as const);
  assert.equal(new Map(entries).size, entries.length, 'entries has a key twice');
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}
