import { createHost, type LocalResources } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { type ConfigBackend, configPlugin } from '@lodge/plugin-config';
import { inMemoryConfig } from '@lodge/plugin-config/in-memory';
import { natsConfig } from '@lodge/plugin-config/nats';
import { startNatsServer } from '@lodge-internal/test-nats';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { configReader, type ReaderCaller, readerCaller } from './config-reader.js';

interface Options {
  readonly config?: Record<string, string>;
  readonly localResources?: LocalResources;
  readonly copyEnvironment?: boolean;
  /** The entry of the import that is labelled `limits`. `null`: there is none. */
  readonly limits?: Record<string, string> | null;
}

async function startReader(backends: readonly ConfigBackend[], options: Options = {}) {
  const { config = {}, limits = {}, localResources = {}, copyEnvironment = false } = options;
  const caller: ReaderCaller = readerCaller();
  const plugins = [configPlugin({ backends, copyEnvironment }), caller];
  const host = createHost({ engine: lodgeEngine(), plugins });
  await host.start();
  const bytes = await configReader();
  const status = await host.workloadStart({
    workloadId: 'reader',
    workload: {
      namespace: 'shop',
      name: 'reader',
      components: [{ name: 'main', source: { bytes }, localResources }],
      hostInterfaces: [
        { namespace: 'wasi', package: 'config', interfaces: ['store', 'runtime'], config },
        ...(limits === null
          ? []
          : [{ namespace: 'wasi', package: 'config', interfaces: ['store'], name: 'limits', config: limits }]),
        { namespace: 'test', package: 'reader', interfaces: ['run'] },
      ],
    },
  });
  return { caller, status, [Symbol.asyncDispose]: () => host.stop() };
}

describe('a component', () => {
  test('reads its configuration, through both interfaces', async () => {
    await using reader = await startReader([inMemoryConfig()], {
      config: { greeting: 'hello', name: 'world' },
      localResources: { config: { name: 'lodge' }, environment: { LANG: 'C' } },
      copyEnvironment: true,
    });
    expect(reader.status).toMatchObject({ state: 'running' });
    expect(await reader.caller.call('read', 'greeting')).toBe('hello');
    expect(await reader.caller.call('read', 'name')).toBe('lodge');
    expect(await reader.caller.call('read-older', 'LANG')).toBe('C');
    expect(await reader.caller.call('read', 'absent')).toBe('(none)');
    expect(await reader.caller.count()).toBe(3);
  });

  test('whose entry is wrong does not start, and the error says where', async () => {
    await using reader = await startReader([inMemoryConfig()], { config: { backend: 'redis' } });
    expect(reader.status).toMatchObject({
      state: 'error',
      message: expect.stringContaining("hostInterfaces[wasi:config].config.backend is 'redis'"),
      error: { code: 'ERR_CONFIG_INVALID' },
    });
  });

  test('reaches another backend through a labelled import', async () => {
    const usual = inMemoryConfig({ stores: [{ namespace: 'shop', store: 'config', values: { most: '1' } }] });
    const values = { most: '99' };
    const other = inMemoryConfig({ name: 'other', stores: [{ namespace: 'shop', store: 'limits', values }] });
    await using reader = await startReader([usual, other], { limits: { backend: 'other', store: 'limits' } });
    expect(await reader.caller.call('read', 'most')).toBe('1');
    expect(await reader.caller.call('read-limits', 'most')).toBe('99');
    other.set({ namespace: 'shop', store: 'limits' }, 'most', '100');
    expect(await reader.caller.call('read-limits', 'most')).toBe('100');
  });

  test('whose label has no entry does not start, and the error names it', async () => {
    await using reader = await startReader([inMemoryConfig()], { limits: null });
    expect(reader.status).toMatchObject({
      state: 'error',
      message: expect.stringContaining('limits (wasi:config/store@0.2.0-rc.1)'),
      error: { code: 'ERR_IMPORT_UNMET' },
    });
  });

  test('sees a change in NATS while it runs', async () => {
    await using server = await startNatsServer();
    const operator = await connect({ servers: server.url });
    const bucket = await new Kvm(operator).create('shop__config');
    await bucket.put('colour', 'green');
    {
      await using reader = await startReader([natsConfig({ url: server.url })]);
      expect(await reader.caller.call('read', 'colour')).toBe('green');
      await bucket.put('colour', 'red');
      await expect.poll(() => reader.caller.call('read', 'colour')).toBe('red');
    }
    await operator.close();
  });
});
