import { consoleLogger, type LogFields, type Logger, type LogLevel } from '@lodge/core';
import { describe, expect, test, vi } from 'vitest';
import type { LoggingBackend } from '../backend.js';
import { type Arrived, testLoggingBackend } from '../conformance/index.js';
import type { Level } from '../log-record.js';
import { hostLogging } from './backend.js';

interface Entry {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

const entries = new WeakMap<LoggingBackend, Entry[]>();

function collect(into: Entry[]): Logger {
  return { log: (level, message, fields = {}) => void into.push({ level, message, fields }) };
}

/** The record that a log entry was made of. */
function arrived({ level, message, fields }: Entry): Arrived {
  const { namespace, workload, workloadId, severity = level, ...rest } = fields;
  const owner = { id: String(workloadId), namespace: String(namespace), name: String(workload) };
  return { context: '', ...rest, level: severity as Level, message, workload: owner };
}

testLoggingBackend(
  { describe, test },
  {
    create() {
      const backend = hostLogging();
      entries.set(backend, []);
      return backend;
    },
    supports: { buffering: false },
    logger: (backend) => collect(entries.get(backend) ?? []),
    received: (backend, workloadId) =>
      (entries.get(backend) ?? []).filter(({ fields }) => fields['workloadId'] === workloadId).map(arrived),
  },
);

const workload = { id: 'w', namespace: 'shop', name: 'cart', annotations: {} };
const { signal } = new AbortController();

async function sinkOf(logger: Logger) {
  const backend = hostLogging();
  const host = { id: 'h', friendlyName: 'h', version: '0', labels: {} };
  await backend.start?.({ logger, host, stopping: signal, shared: (_key, create) => create() }, { signal });
  return backend.open(workload, { signal });
}

describe('hostLogging', () => {
  test('writes critical records as errors that say so', async () => {
    const written: Entry[] = [];
    const sink = await sinkOf(collect(written));
    sink.write({ time: 0, level: 'critical', context: 'cart', message: 'fire', workload, component: 'main' });
    expect(written).toEqual([
      {
        level: 'error',
        message: 'fire',
        fields: {
          namespace: 'shop',
          workload: 'cart',
          workloadId: 'w',
          context: 'cart',
          component: 'main',
          severity: 'critical',
        },
      },
    ]);
  });

  test('a record is one line of the console logger', async () => {
    const print = vi.spyOn(console, 'error').mockImplementation(() => {});
    const sink = await sinkOf(consoleLogger());
    sink.write({ time: 0, level: 'info', context: 'a', message: 'b', workload, instance: 'w/main/1' });
    expect(print.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^\S+ info {2}b namespace="shop" workload="cart" workloadId="w" context="a" instance="w\/main\/1"$/,
        ),
      ],
    ]);
    print.mockRestore();
  });

  test('counts what a broken logger does not take, and holds up no guest', async () => {
    const sink = await sinkOf({
      log() {
        throw new Error('disk full');
      },
    });
    sink.write({ time: 0, level: 'info', context: '', message: '', workload });
    expect(sink.dropped).toBe(1);
  });
});
