import { type HostPlugin, type PluginContext, silentLogger } from '@lodge/core';
import { expect, test } from 'vitest';
import type { Capability } from './capabilities.js';
import { lazyPlugin } from './lazy-plugin.js';

const hook = { signal: new AbortController().signal };
const workload = { id: 'w', namespace: 'default', name: 'w', annotations: {} };
const context: PluginContext = {
  logger: silentLogger,
  host: { id: 'h', friendlyName: 'h', version: '0.0.0', labels: {} },
  stopping: hook.signal,
  shared: (_, create) => create(),
};

/** A capability that notes what happens to its plugin; the first `failures` starts fail. */
function noting(failures = 0): { readonly capability: Capability; readonly calls: string[] } {
  const calls: string[] = [];
  let left = failures;
  const plugin: HostPlugin = {
    specVersion: 1,
    id: 'noting',
    world: { provides: [] },
    async start() {
      calls.push('start');
      if (left-- > 0) throw new Error('not there yet');
    },
    async onWorkloadBind({ id }) {
      calls.push(`bind ${id}`);
      return 'state';
    },
    async bindComponent() {
      return { importsFor: () => ({}) };
    },
    async onWorkloadUnbind() {
      calls.push('unbind');
    },
    async stop() {
      calls.push('stop');
    },
  };
  async function load(): Promise<HostPlugin> {
    calls.push('load');
    return plugin;
  }
  return {
    calls,
    capability: { interfaces: 'test:noting', packageName: 'noting', describe: async () => plugin, load },
  };
}

const described = { id: 'noting', world: { provides: [] } };
const options = { described, nats: undefined, guestLogger: silentLogger, isNeeded: false };

test('a plugin that no workload needs is never loaded', async () => {
  const { capability, calls } = noting();
  const plugin = lazyPlugin(capability, options);
  await plugin.start?.(context, hook);
  await plugin.stop?.(hook);
  expect(calls).toEqual([]);
});

test('it is loaded and started once, for the first of several workloads, and stopped with the host', async () => {
  const { capability, calls } = noting();
  const plugin = lazyPlugin(capability, options);
  await plugin.start?.(context, hook);
  await Promise.all(['a', 'b'].map((id) => plugin.onWorkloadBind({ ...workload, id }, [], hook)));
  await plugin.onWorkloadUnbind(workload, 'state', hook);
  await plugin.stop?.(hook);
  expect(calls).toEqual(['load', 'start', 'bind a', 'bind b', 'unbind', 'stop']);
});

test('a start that fails fails its workload, and is tried again for the next one', async () => {
  const { capability, calls } = noting(1);
  const plugin = lazyPlugin(capability, options);
  await plugin.start?.(context, hook);
  await expect(plugin.onWorkloadBind(workload, [], hook)).rejects.toThrow('not there yet');
  expect(await plugin.onWorkloadBind(workload, [], hook)).toBe('state');
  expect(calls).toEqual(['load', 'start', 'stop', 'load', 'start', 'bind w']);
});

test('where it is needed for certain, its start is that of the host', async () => {
  const { capability, calls } = noting(1);
  const plugin = lazyPlugin(capability, { ...options, isNeeded: true });
  await expect(plugin.start?.(context, hook)).rejects.toThrow('not there yet');
  await plugin.prepare(hook);
  expect(calls).toEqual(['load', 'start', 'stop', 'load', 'start']);
});

test('after the stop it is not started again', async () => {
  const { capability, calls } = noting();
  const plugin = lazyPlugin(capability, options);
  await plugin.start?.(context, hook);
  await plugin.stop?.(hook);
  await expect(plugin.prepare(hook)).rejects.toThrow('is not running');
  expect(calls).toEqual([]);
});
