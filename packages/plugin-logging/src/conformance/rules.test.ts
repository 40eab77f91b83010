import type { WorkloadInfo } from '@lodge/core';
import { testBrokenSetups } from '@lodge-internal/conformance';
import { describe, expect, test } from 'vitest';
import type { LogSink } from '../backend.js';
import { type InMemoryLogging, inMemoryLogging } from '../in-memory/backend.js';
import type { LogRecord } from '../log-record.js';
import { loggingBackendRules } from './rules.js';
import type { LoggingBackendSetup } from './setup.js';
import { testLoggingBackend } from './test-logging-backend.js';

type Fault = (setup: LoggingBackendSetup<InMemoryLogging>) => void;

/** For each rule, backends that break it. */
const faults: Readonly<Record<string, readonly Fault[]>> = {
  'has a name that a manifest can say': [faulty((backend) => set(backend, 'name', 'My Log'))],
  'supports what the setup says': [faulty((backend) => set(backend, 'supports', { buffering: true }))],
  'delivers all that a record says': [
    records((record) => ({ ...record, level: record.level === 'critical' ? 'error' : record.level })),
    records(({ traceId: _traceId, ...record }) => record),
    records(({ cut: _cut, ...record }) => record),
    records((record) => ({ ...record, context: '' })),
  ],
  'delivers any text as it is': [
    records((record) => ({ ...record, message: record.message.trim() })),
    records((record) => ({ ...record, message: record.message.replaceAll('"', "'") })),
    records((record) => ({ ...record, message: record.message.slice(0, 10_000) })),
  ],
  'keeps the order of a burst, and holds nobody up': [
    sinks((sink) => ({ ...sink, write: async (record: LogRecord) => sink.write(record) })),
    sinks((sink) => {
      let held: LogRecord | undefined;
      return {
        ...sink,
        write(record) {
          if (held !== undefined) {
            sink.write(record);
            sink.write(held);
            held = undefined;
          } else {
            held = record;
          }
        },
      };
    }),
  ],
  'keeps workloads apart, whatever their names': [
    sinks((sink) => {
      return { ...sink, write: (record) => sink.write({ ...record, workload: { ...record.workload, id: 'w1' } }) };
    }),
    (setup) => {
      // Everything is received under what the names make when they are joined.
      const names = new Map<string, string>();
      faulty((backend) => {
        const open = backend.open;
        backend.open = async (workload, options) => {
          names.set(workload.id, `${workload.namespace}.${workload.name}`);
          return open(workload, options);
        };
      })(setup);
      setup.received = (backend, id) =>
        backend.records().filter(({ workload }) => names.get(workload.id) === names.get(id));
    },
  ],
  'delivers what was written before the close': [
    sinks((sink) => {
      let isClosed = false;
      return {
        ...sink,
        write: (record) => queueMicrotask(() => isClosed || sink.write(record)),
        async close() {
          isClosed = true;
        },
      };
    }),
  ],
  'closes one sink, twice, and no other': [
    sinks((sink) => ({ ...sink, close: async () => {} })),
    sinks((sink) => {
      let isClosed = false;
      return {
        ...sink,
        async close(options) {
          if (isClosed) throw new Error('it is closed');
          isClosed = true;
          await sink.close(options);
        },
      };
    }),
    faulty((backend) => {
      let isClosed = false;
      wrapSinks(backend, (sink) => ({
        ...sink,
        write: (record) => isClosed || sink.write(record),
        async close() {
          isClosed = true;
        },
      }));
    }),
  ],
  'holds nothing when all sinks are closed': [sinks((sink) => ({ ...sink, close: async () => {} }))],
  'closes under a signal that has aborted': [sinks((sink) => ({ ...sink, close: () => new Promise(() => {}) }))],
  'keeps records, within bounds, while the receiver is away, and counts the rest': [
    // Without bounds.
    buffering(Number.POSITIVE_INFINITY, (sink) => sink),
    // Without a count.
    buffering(100, (sink) => hide(sink)),
    // Without keeping.
    buffering(0, (sink) => sink),
  ],
  'stops twice, and opens nothing after it': [
    faulty((backend) => {
      backend.stop = async () => {};
    }),
    faulty((backend) => {
      let isStopped = false;
      backend.stop = async () => {
        if (isStopped) throw new Error('it has stopped');
        isStopped = true;
      };
    }),
  ],
  'gives up an open whose signal has aborted': [
    faulty((backend) => {
      const open = backend.open;
      backend.open = (workload, { signal }) => (signal.aborted ? new Promise(() => {}) : open(workload, { signal }));
    }),
    faulty((backend) => {
      const open = backend.open;
      backend.open = (workload) => open(workload, { signal: new AbortController().signal });
    }),
  ],
};

describe('loggingBackendRules', () => {
  testBrokenSetups({ test: test.concurrent }, loggingBackendRules, { faults, setupWith: changed });

  test('pass a backend that buffers as it should', async () => {
    const setup = inMemorySetup();
    buffering(100, (sink) => sink)(setup);
    const rule = loggingBackendRules.find(({ name }) => name.startsWith('keeps records, within bounds'));
    await rule?.check(setup as unknown as LoggingBackendSetup);
  });

  test('about buffering are skipped for a backend that has none', () => {
    const skipped: string[] = [];
    const runner = {
      describe: (_name: string, body: () => void) => body(),
      test: Object.assign(() => {}, { skip: (text: string) => void skipped.push(text) }),
    };
    testLoggingBackend(runner, inMemorySetup());
    expect(skipped).toEqual([expect.stringMatching(/^keeps records.*\(the backend does not support buffering\)$/)]);
  });
});

function inMemorySetup(): LoggingBackendSetup<InMemoryLogging> {
  return {
    create: () => inMemoryLogging(),
    supports: { buffering: false },
    received: (backend, workloadId) => backend.records(workloadId),
    held: (backend) => backend.openSinks,
  };
}

/** The rules hand a setup only backends that it has made. */
function changed(change: Fault): LoggingBackendSetup {
  const setup = inMemorySetup();
  change(setup);
  return setup as unknown as LoggingBackendSetup;
}

function set(backend: InMemoryLogging, key: keyof InMemoryLogging, value: unknown): void {
  Object.defineProperty(backend, key, { value });
}

function faulty(change: (backend: InMemoryLogging) => void): Fault {
  return (setup) => {
    setup.create = () => {
      const backend = inMemoryLogging();
      change(backend);
      return backend;
    };
  };
}

function wrapSinks(backend: InMemoryLogging, wrap: (sink: LogSink, workload: WorkloadInfo) => LogSink): void {
  const open = backend.open;
  backend.open = async (workload, options) => wrap(await open(workload, options), workload);
}

function sinks(wrap: (sink: LogSink) => LogSink): Fault {
  return faulty((backend) => wrapSinks(backend, wrap));
}

function records(change: (record: LogRecord) => LogRecord): Fault {
  return sinks((sink) => ({ ...sink, write: (record) => sink.write(change(record)) }));
}

/** A backend that keeps at most `most` records while its receiver is away. */
function buffering(most: number, wrap: (sink: LogSink) => LogSink): Fault {
  return (setup) => {
    let isAway = false;
    const waiting: (() => void)[] = [];
    faulty((backend) =>
      wrapSinks(backend, (sink) => {
        let dropped = 0;
        return wrap({
          get dropped() {
            return dropped;
          },
          write(record) {
            if (!isAway) sink.write(record);
            else if (waiting.length < most) waiting.push(() => sink.write(record));
            else dropped += 1;
          },
          close: (options) => sink.close(options),
        });
      }),
    )(setup);
    setup.interrupt = () => {
      isAway = true;
    };
    setup.resume = () => {
      isAway = false;
      for (const write of waiting.splice(0)) write();
    };
  };
}

function hide(sink: LogSink): LogSink {
  return { dropped: 0, write: (record) => sink.write(record), close: (options) => sink.close(options) };
}
