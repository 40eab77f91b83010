import { describe, expect, test } from 'vitest';
import { testLoggingBackend } from '../conformance/index.js';
import type { LogRecord } from '../log-record.js';
import { type InMemoryLogging, inMemoryLogging } from './backend.js';

testLoggingBackend<InMemoryLogging>(
  { describe, test },
  {
    create: () => inMemoryLogging(),
    supports: { buffering: false },
    received: (backend, workloadId) => backend.records(workloadId),
    held: (backend) => backend.openSinks,
  },
);

const workload = { id: 'w', namespace: 'shop', name: 'cart', annotations: {} };
const { signal } = new AbortController();

function record(message: string): LogRecord {
  return { time: 0, level: 'info', context: '', message, workload };
}

describe('inMemoryLogging', () => {
  test('keeps the newest records, up to a number', async () => {
    const backend = inMemoryLogging({ maxRecords: 3 });
    const sink = await backend.open(workload, { signal });
    for (let index = 0; index < 10_000; index += 1) sink.write(record(`${index}`));
    expect(backend.records().map(({ message }) => message)).toEqual(['9997', '9998', '9999']);
  });

  test('keeps the newest records, up to a length', async () => {
    const backend = inMemoryLogging({ maxLength: 10 });
    const sink = await backend.open(workload, { signal });
    for (const message of ['aaaa', 'bbbb', 'cccc']) sink.write(record(message));
    expect(backend.records().map(({ message }) => message)).toEqual(['bbbb', 'cccc']);
    sink.write(record('longer than all'));
    expect(backend.records()).toEqual([]);
  });

  test('tells who follows, until they have heard enough', async () => {
    const backend = inMemoryLogging();
    const sink = await backend.open(workload, { signal });
    const heard: string[] = [];
    const stop = backend.follow(({ message }) => void heard.push(message));
    sink.write(record('one'));
    stop();
    sink.write(record('two'));
    expect(heard).toEqual(['one']);
  });

  test('a listener that throws harms nobody', async () => {
    const backend = inMemoryLogging();
    backend.follow(() => {
      throw new Error('no');
    });
    const sink = await backend.open(workload, { signal });
    sink.write(record('one'));
    backend.clear();
    expect(backend.records()).toEqual([]);
  });
});
