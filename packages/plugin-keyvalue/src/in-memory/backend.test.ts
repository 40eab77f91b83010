import { describe, expect, test } from 'vitest';
import { testKeyValueBackend } from '../conformance/index.js';
import { inMemoryKeyValue } from './backend.js';

testKeyValueBackend({ describe, test }, { create: () => inMemoryKeyValue(), supports: { watch: true } });

const address = { namespace: 'a', store: 'b', bucket: 'c' };

test('a full store refuses to grow, and takes more after a deletion', async () => {
  const bucket = await inMemoryKeyValue({ maxBytes: 3_000 }).open(address, {});
  await bucket.set('a', new Uint8Array(1_000));
  expect(() => bucket.set('b', new Uint8Array(2_000))).toThrow(expect.objectContaining({ kind: 'other' }));
  await bucket.set('a', new Uint8Array(500));
  await bucket.delete('a');
  await bucket.set('b', new Uint8Array(2_000));
});

test('a slow watch loses states in between and never the last one', async () => {
  const bucket = await inMemoryKeyValue().open(address, {});
  const ending = new AbortController();
  const changes = await bucket.watch?.({ signal: ending.signal });
  for (let round = 0; round < 5_000; round++) await bucket.set(`key-${round % 2}`, Uint8Array.of(round % 200));
  await bucket.set('end', new Uint8Array());
  const seen: string[] = [];
  for await (const { key, value } of changes ?? []) {
    seen.push(`${key}=${value?.[0]}`);
    if (key === 'end') break;
  }
  expect(seen.length).toBeLessThan(1_100);
  expect(seen.slice(-3)).toEqual(['key-0=198', 'key-1=199', 'end=undefined']);
});
