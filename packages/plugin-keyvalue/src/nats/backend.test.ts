import { hostContext } from '@lodge-internal/conformance';
import { type NatsServer, startNatsServer } from '@lodge-internal/test-nats';
import { jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { KeyPage, KeyValueBucket } from '../backend.js';
import { testKeyValueBackend } from '../conformance/index.js';
import { keyValuePlugin } from '../plugin.js';
import { natsKeyValue } from './backend.js';

let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});

afterAll(() => server[Symbol.asyncDispose]());

testKeyValueBackend({ describe, test }, { create: () => natsKeyValue({ url: server.url }), supports: { watch: true } });

test('a key can be deleted from a full store, which has room again then, and watches are told', async () => {
  await using small = await startNatsServer({ jetStream: 'max_file_store: 64KB' });
  await using outside = await outsider(small);
  const bucket = await outside.open('small');
  const changes = await bucket.watch?.({ signal: AbortSignal.timeout(20_000) });
  const seen: string[] = [];
  const watching = (async () => {
    for await (const { key, value } of changes ?? []) {
      seen.push(`${value === undefined ? '-' : '+'}${key}`);
      if (key === 'after') return;
    }
  })();
  const value = new Uint8Array(10_000);
  const keys = Array.from({ length: 10 }, (_, index) => `key-${index}`);
  const outcomes = await Promise.allSettled(keys.map(async (key) => bucket.set(key, value)));
  expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true);
  // Fills what a note would need.
  for (let size = 5_000; size > 1; size = Math.floor(size / 2)) {
    for (let index = 0; index < 3; index++)
      await Promise.allSettled([bucket.set(`rest-${size}-${index}`, value.subarray(0, size))]);
  }
  const stored = keys[outcomes.findIndex(({ status }) => status === 'fulfilled')] ?? '';
  await bucket.delete(stored);
  expect((await bucket.get(stored)).value).toBeUndefined();
  await bucket.set('after', value.subarray(0, 5_000));
  await watching;
  expect(seen.slice(-2)).toEqual([`-${stored}`, '+after']);
});

test('a watch whose connection breaks again and again shows the writes of each key in order, up to the last', async () => {
  const proxy = await server.proxy();
  await using outside = await outsider({ url: server.url, through: proxy.address });
  const bucket = await outside.open('unsteady');
  const changes = await bucket.watch?.({ signal: AbortSignal.timeout(30_000) });
  const seen = new Map<string, number[]>();
  const last = 400;
  const keys = ['a', 'b', 'c'];
  const watching = (async () => {
    for await (const { key, value } of changes ?? []) {
      seen.set(key, [...(seen.get(key) ?? []), Number(Buffer.from(value ?? []).toString())]);
      if (keys.every((known) => seen.get(known)?.at(-1) === last)) return;
    }
  })();
  const kv = await outside.kvm.open('unsteady');
  for (let round = 1; round <= last; round++) {
    for (const key of keys) await kv.put(key, String(round));
    if (round % 100 === 50) await proxy.cut();
    if (round % 100 === 70) await proxy.restore();
  }
  await watching;
  for (const key of keys) {
    const rounds = seen.get(key) ?? [];
    expect(rounds).toEqual([...rounds].sort((a, b) => a - b));
    expect(new Set(rounds).size).toBe(rounds.length);
  }
});

describe('a bucket that others made', () => {
  test('with a history shows the last state of each key alone', async () => {
    await using outside = await outsider();
    const kv = await outside.kvm.create('with-history', { history: 5 });
    for (let round = 0; round < 3; round++) for (const key of ['a', 'b', 'c']) await kv.put(key, `${key}${round}`);
    await kv.delete('b');
    const bucket = await outside.open('with-history');
    expect(await textOf(bucket, 'a')).toBe('a2');
    expect(await textOf(bucket, 'b')).toBeUndefined();
    expect(await listed(bucket, 1)).toEqual(['a', 'c']);
    expect(await listed(bucket, 10)).toEqual(['a', 'c']);
    await kv.purge('a');
    expect(await textOf(bucket, 'a')).toBeUndefined();
    expect(await listed(bucket, 10)).toEqual(['c']);
  });

  test('does not list keys that a guest could not ask for', async () => {
    await using outside = await outsider();
    const kv = await outside.kvm.create('foreign');
    for (const key of ['plain', 'not=escaped', 'escaped=20key']) await kv.put(key, 'x');
    const bucket = await outside.open('foreign');
    expect((await listed(bucket, 10)).sort()).toEqual(['escaped key', 'plain']);
    expect(await textOf(bucket, 'not=escaped')).toBeUndefined();
  });

  test('shows a watch what happens after it was removed and made anew', async () => {
    await using outside = await outsider();
    const kv = await outside.kvm.create('renewed');
    for (let round = 0; round < 5; round++) await kv.put('old', 'x');
    const bucket = await outside.open('renewed');
    const changes = await bucket.watch?.({ signal: AbortSignal.timeout(20_000) });
    const iterator = changes?.[Symbol.asyncIterator]();
    const first = iterator?.next();
    await kv.put('new', '1');
    expect((await first)?.value).toMatchObject({ key: 'new' });
    const second = iterator?.next();
    await kv.destroy();
    await (await outside.kvm.create('renewed')).put('newer', '2');
    expect((await second)?.value).toMatchObject({ key: 'newer' });
    await iterator?.return?.();
  });
});

test('leaves nothing on the server when a listing and a watch are over', async () => {
  await using outside = await outsider();
  const bucket = await outside.open('tidy');
  const ending = new AbortController();
  const changes = await bucket.watch?.({ signal: ending.signal });
  const drained = (async () => {
    for await (const _ of changes ?? []);
  })();
  for (let key = 0; key < 3; key++) await bucket.set(`key-${key}`, new Uint8Array());
  expect(await listed(bucket, 2)).toHaveLength(3);
  await vi.waitFor(async () => expect(await outside.consumers('tidy')).toBe(1));
  ending.abort();
  await drained;
  await vi.waitFor(async () => expect(await outside.consumers('tidy')).toBe(0));
});

test('uses a connection that is passed in, and leaves it open', async () => {
  const connection = await connect({ servers: server.url });
  const plugin = keyValuePlugin({ backends: [natsKeyValue({ connection })] });
  const { context, close } = hostContext();
  const { signal } = new AbortController();
  await plugin.start?.(context, { signal });
  await plugin.stop?.({ signal });
  await close();
  expect(connection.isClosed()).toBe(false);
  await connection.close();
});

interface Outsider extends AsyncDisposable {
  readonly kvm: Kvm;
  open(bucket: string): Promise<KeyValueBucket>;
  /** How many readers the server keeps for a bucket. */
  consumers(bucket: string): Promise<number>;
}

/** Someone with a client of their own, beside a backend that opens shared buckets. */
async function outsider({ url, through = url }: { url: string; through?: string } = server): Promise<Outsider> {
  const connection = await connect({ servers: url });
  const backend = natsKeyValue({ url: through });
  const { context, close } = hostContext();
  const { signal } = new AbortController();
  await backend.start?.(context, { signal });
  return {
    kvm: new Kvm(connection),
    open: async (bucket) => backend.open({ namespace: undefined, store: '', bucket }, {}),
    async consumers(bucket) {
      const manager = await jetstreamManager(connection);
      return (await manager.streams.info(`KV_${bucket}`)).state.consumer_count;
    },
    async [Symbol.asyncDispose]() {
      await backend.stop?.({ signal });
      await close();
      await connection.close();
    },
  };
}

async function listed(bucket: KeyValueBucket, limit: number): Promise<string[]> {
  const keys: string[] = [];
  for (let cursor: bigint | undefined = 0n; cursor !== undefined; ) {
    const page: KeyPage = await bucket.listKeys({ cursor, limit });
    keys.push(...page.keys);
    cursor = page.cursor;
  }
  return keys;
}

async function textOf(bucket: KeyValueBucket, key: string): Promise<string | undefined> {
  const { value } = await bucket.get(key);
  return value && new TextDecoder().decode(value);
}
