import assert from 'node:assert/strict';
import { type PluginContext, type Shared, silentLogger, type WorkloadInfo } from '@lodge/core';
import type { LoggingBackend, LogSink } from '../backend.js';
import type { LogRecord } from '../log-record.js';
import type { Arrived, LoggingBackendSetup } from './setup.js';

/** Milliseconds until a record must have arrived, and until a call must have given up. */
const patienceMs = 10_000;

/** A started backend and the sinks that were opened of it. */
export class Stage {
  readonly backend: LoggingBackend;
  readonly setup: LoggingBackendSetup;
  readonly #sinks: LogSink[] = [];
  readonly #shared = new Map<string, Promise<Shared>>();

  constructor(backend: LoggingBackend, setup: LoggingBackendSetup) {
    this.backend = backend;
    this.setup = setup;
  }

  async start(): Promise<void> {
    const context: PluginContext = {
      logger: this.setup.logger?.(this.backend) ?? silentLogger,
      host: { id: 'host', friendlyName: 'host', version: '0.0.0', labels: {} },
      shared: <T extends Shared>(key: string, create: () => Promise<T>): Promise<T> => {
        const made = this.#shared.get(key) ?? create();
        this.#shared.set(key, made);
        return made as Promise<T>;
      },
    };
    await this.backend.start?.(context, { signal: neverAborted() });
  }

  async open(workload: WorkloadInfo): Promise<LogSink> {
    const sink = await this.backend.open(workload, { signal: neverAborted() });
    this.#sinks.push(sink);
    return sink;
  }

  /** What has arrived, without members that are not there. */
  async received({ id }: WorkloadInfo): Promise<Arrived[]> {
    const arrived = await this.setup.received(this.backend, id);
    return arrived.map((record) => comparable(record));
  }

  /** Waits until so many records have arrived. */
  async receivedAtLeast(workload: WorkloadInfo, count: number): Promise<Arrived[]> {
    const end = performance.now() + patienceMs;
    let arrived = await this.received(workload);
    while (arrived.length < count && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      arrived = await this.received(workload);
    }
    assert.ok(arrived.length >= count, `${arrived.length} of ${count} records have arrived`);
    return arrived;
  }

  async held(): Promise<number> {
    return (await this.setup.held?.(this.backend)) ?? 0;
  }

  async close(): Promise<void> {
    const signal = AbortSignal.abort();
    await atMost(Promise.allSettled(this.#sinks.map((sink) => sink.close({ signal }))));
    await atMost(Promise.allSettled([this.backend.stop?.({ signal })]));
    for (const shared of this.#shared.values()) await shared.then((thing) => thing.close()).catch(() => {});
    await this.setup.dispose?.(this.backend);
  }
}

/** Runs a rule with a new, started backend, and takes it down. */
export async function withBackend(setup: LoggingBackendSetup, rule: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = new Stage(await setup.create(), setup);
  try {
    await stage.start();
    await rule(stage);
  } finally {
    await stage.close();
  }
}

/** A workload for tests. */
export function workloadNamed(id: string, namespace = 'shop', name = `name-of-${id}`): WorkloadInfo {
  return Object.freeze({ id, namespace, name, annotations: Object.freeze({}) });
}

/** A record of a workload. */
export function recordOf(workload: WorkloadInfo, more: Partial<LogRecord> = {}): LogRecord {
  const { id, namespace, name } = workload;
  return Object.freeze({
    time: Date.now(),
    level: 'info',
    context: 'cart',
    message: 'hello',
    workload: Object.freeze({ id, namespace, name }),
    component: 'main',
    instance: `${id}/main/1`,
    ...more,
  });
}

/** A record without its time. */
export function comparable({ level, context, message, workload, ...rest }: Arrived & { time?: unknown }): Arrived {
  const { component, instance, traceId, spanId, cut, dropped } = rest;
  const optional = { component, instance, traceId, spanId, cut, dropped };
  const present = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { level, context, message, workload: { ...workload }, ...present };
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
  const timer = setTimeout(() => late.reject(new assert.AssertionError({ message })), 2_000);
  try {
    await Promise.race([Promise.allSettled([work]), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

export function neverAborted(): AbortSignal {
  return new AbortController().signal;
}
