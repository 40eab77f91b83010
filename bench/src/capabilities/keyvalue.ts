import type { HostPlugin } from '@lodge/core';
import { keyValuePlugin } from '@lodge/plugin-keyvalue';
import { natsKeyValue } from '@lodge/plugin-keyvalue/nats';
import { jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connectBare } from './connect-bare.ts';
import { GuestHost } from './guest.ts';
import { inLanes } from './in-lanes.ts';
import { lanes, type SubjectTask, valueBytes, type Works } from './task.ts';

const operations = ['get', 'set', 'increment'] as const;

/** What a subject can do with keys and values. */
export async function keyvalueWorks({ subject, file, natsUrl }: SubjectTask): Promise<Works> {
  if (subject === 'bare client') return clientWorks(natsUrl ?? '');
  if (subject === 'trivial host') return guestWorks(file, trivialKeyValue());
  const backends = natsUrl === undefined ? undefined : [natsKeyValue({ url: natsUrl })];
  return guestWorks(file, keyValuePlugin(backends === undefined ? {} : { backends }));
}

async function guestWorks(file: string, plugin: HostPlugin): Promise<Works> {
  const host = new GuestHost([plugin]);
  await host.start();
  const hostInterfaces = [{ namespace: 'wasi', package: 'keyvalue', interfaces: ['store', 'atomics'] }];
  const guest = await host.run({ name: 'keyvalue', file, hostInterfaces, poolSize: lanes });
  const call = (operation: string) =>
    inLanes((key, count) => guest.call(operation, [operation === 'increment' ? 'counters' : 'values', key, count]));
  await call('set')({ count: 1, isOver: () => true });
  return Object.fromEntries(operations.map((operation) => [operation, call(operation)]));
}

async function clientWorks(url: string): Promise<Works> {
  const connection = await connectBare(url);
  const kvm = new Kvm(jetstream(connection));
  const values = await kvm.create('bare-values');
  const counters = await kvm.create('bare-counters');
  const value = new Uint8Array(valueBytes).fill(48);
  const set = inLanes(async (key, count) => {
    for (let i = 0; i < count; i++) await values.put(key, value);
  });
  const get = inLanes(async (key, count) => {
    for (let i = 0; i < count; i++) {
      const entry = await values.get(key);
      if (entry?.value.length !== valueBytes) throw new Error('the value is gone');
    }
  });
  const increment = inLanes(async (key, count) => {
    for (let i = 0; i < count; i++) {
      const entry = await counters.get(key);
      const next = new DataView(new ArrayBuffer(8));
      next.setBigUint64(0, (entry === null ? 0n : viewOf(entry.value).getBigUint64(0)) + 1n);
      await counters.put(key, new Uint8Array(next.buffer), { previousSeq: entry?.revision ?? 0 });
    }
  });
  await set({ count: 1, isOver: () => true });
  return { get, set, increment };
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** A `wasi:keyvalue` that does nothing, so that what is measured is the engine. */
function trivialKeyValue(): HostPlugin<undefined> {
  const value = new Uint8Array(valueBytes);
  class Bucket {
    get(_key: string): Uint8Array {
      return value;
    }
    set(_key: string, _value: Uint8Array): void {}
  }
  const bucket = new Bucket();
  const imports = Object.freeze({
    'wasi:keyvalue/store@0.2.0-draft': { Bucket, open: () => bucket },
    'wasi:keyvalue/atomics@0.2.0-draft': { increment: (_bucket: Bucket, _key: string, _delta: bigint) => 1n },
  });
  return {
    specVersion: 1,
    id: 'trivial-keyvalue',
    world: {
      provides: [
        { id: 'wasi:keyvalue/store@0.2.0-draft', suspends: [] },
        { id: 'wasi:keyvalue/atomics@0.2.0-draft', suspends: [] },
      ],
    },
    onWorkloadBind: async () => undefined,
    bindComponent: async () => ({ importsFor: () => imports }),
    onWorkloadUnbind: async () => undefined,
  };
}
