import { describe, expect, test } from 'vitest';
import { testConfigBackend } from '../conformance/index.js';
import { type InMemoryConfig, inMemoryConfig } from './backend.js';

const signal = new AbortController().signal;

testConfigBackend<InMemoryConfig>(
  { describe, test },
  {
    create: () => inMemoryConfig(),
    supports: { changes: true },
    put: (backend, place, key, value) => backend.set(place, key, value),
    remove: (backend, place, key) => backend.set(place, key, undefined),
    held: (backend) => backend.openSources,
  },
);

describe('inMemoryConfig', () => {
  test('has the stores of its options, copied', async () => {
    const values = { colour: 'green' };
    const backend = inMemoryConfig({ stores: [{ namespace: 'shop', store: 'config', values }] });
    values.colour = 'red';
    const source = await backend.open({ namespace: 'shop', store: 'config' }, { signal });
    expect(source?.get('colour')).toBe('green');
  });

  test('is named in-memory unless told otherwise', () => {
    expect(inMemoryConfig().name).toBe('in-memory');
    expect(inMemoryConfig({ name: 'other' }).name).toBe('other');
  });
});
