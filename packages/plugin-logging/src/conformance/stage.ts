import { silentLogger, type WorkloadInfo } from '@lodge/core';
import { atMost, eventually, type HostContext, hostContext, neverAborted, promptly } from '@lodge-internal/conformance';
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
  readonly #host: HostContext;

  constructor(backend: LoggingBackend, setup: LoggingBackendSetup) {
    this.backend = backend;
    this.setup = setup;
    this.#host = hostContext({ logger: setup.logger?.(backend) ?? silentLogger });
  }

  async start(): Promise<void> {
    await this.backend.start?.(this.#host.context, { signal: neverAborted() });
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
    return eventually(() => this.received(workload), {
      isRight: (arrived) => arrived.length >= count,
      patienceMs,
      message: `not all ${count} records have arrived`,
    });
  }

  async held(): Promise<number> {
    return (await this.setup.held?.(this.backend)) ?? 0;
  }

  async close(): Promise<void> {
    const signal = AbortSignal.abort();
    await atMost(Promise.allSettled(this.#sinks.map((sink) => sink.close({ signal }))));
    await atMost(Promise.allSettled([this.backend.stop?.({ signal })]));
    await this.#host.close().catch(() => {});
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

/** Waits for `work` that has been told to give up, whatever comes of it. */
export async function givesUp(work: Promise<unknown>, message: string): Promise<void> {
  await promptly(Promise.allSettled([work]), 2_000, message);
}
