import { describe, expect, it, vi } from 'vitest';
import { createHost } from './create-host.js';
import type { Host, HostOptions } from './host.js';
import type { HostPlugin, PluginContext } from './plugin.js';
import { MemoryEngine } from './testing/memory-engine.js';
import { recordingPlugin } from './testing/recording-plugin.js';
import { version } from './version.js';

const hostWith = (options: Partial<HostOptions> = {}): Host => createHost({ engine: new MemoryEngine({}), ...options });

const recording = (order: string[], name = '', overrides: Partial<HostPlugin> = {}): HostPlugin[] =>
  ['a', 'b', 'c'].map((id) => recordingPlugin(id, 'test:x/y@1.0.0', order, id === name ? overrides : {}));

describe('start and stop', () => {
  it('start plugins in order and stop them in reverse', async () => {
    const order: string[] = [];
    const host = hostWith({ plugins: recording(order) });
    await host.start();
    await host.stop();
    expect(order).toEqual(['a start', 'b start', 'c start', 'c stop', 'b stop', 'a stop']);
  });

  it('a plugin that fails to start fails the start, and those before it are stopped', async () => {
    const order: string[] = [];
    const host = hostWith({ plugins: recording(order, 'b', { start: () => Promise.reject(new Error('no')) }) });
    await expect(host.start()).rejects.toMatchObject({
      code: 'ERR_PLUGIN_FAILED',
      message: "plugin 'b' failed in start",
    });
    expect(order).toEqual(['a start', 'a stop']);
    await expect(host.start()).rejects.toMatchObject({ code: 'ERR_HOST_STATE' });
    await host.stop();
    expect(order).toEqual(['a start', 'a stop']);
  });

  it('collects everything that fails on the way down into one error', async () => {
    const order: string[] = [];
    const fails = { stop: () => Promise.reject(new Error('no')) };
    const plugins = [...recording(order, 'b', fails), recordingPlugin('d', 'test:x/y@1.0.0', order, fails)];
    const host = hostWith({ plugins });
    await host.start();
    const error = await host.stop().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).errors).toMatchObject([
      { code: 'ERR_PLUGIN_FAILED' },
      { code: 'ERR_PLUGIN_FAILED' },
    ]);
    expect(order.slice(-2)).toEqual(['c stop', 'a stop']);
  });

  it('a hook that never settles cannot hang a stop', async () => {
    const order: string[] = [];
    const host = hostWith({ plugins: recording(order, 'c', { stop: () => new Promise(() => undefined) }) });
    await host.start();
    await expect(host.stop({ cleanupMs: 20 })).rejects.toThrow('took more than 20 ms');
    expect(order.slice(-2)).toEqual(['b stop', 'a stop']);
  });

  it('a stop ends a start that is under way', async () => {
    const order: string[] = [];
    const host = hostWith({
      plugins: recording(order, 'b', {
        start: () => {
          order.push('b start');
          return new Promise(() => undefined);
        },
      }),
    });
    const start = host.start();
    start.catch(() => undefined);
    await vi.waitFor(() => expect(order).toContain('b start'));
    await host.stop();
    await expect(start).rejects.toMatchObject({ code: 'ERR_HOST_STATE' });
    expect(order).toEqual(['a start', 'b start', 'b stop', 'a stop']);
  });

  it('a second stop waits for the first', async () => {
    const order: string[] = [];
    const host = hostWith({ plugins: recording(order) });
    await host.start();
    await Promise.all([host.stop(), host.stop()]);
    expect(order.filter((entry) => entry.endsWith('stop'))).toHaveLength(3);
  });

  it('await using stops the host', async () => {
    const order: string[] = [];
    {
      await using host = hostWith({ plugins: recording(order) });
      await host.start();
    }
    expect(order).toContain('a stop');
  });

  it('a host that does not run takes no workloads', async () => {
    const host = hostWith();
    const request = { workloadId: 'w', workload: { namespace: 'n', name: 'w' } };
    await expect(host.workloadStart(request)).rejects.toMatchObject({ code: 'ERR_HOST_STATE' });
    await host.start();
    await host.stop();
    await expect(host.workloadStart(request)).rejects.toMatchObject({ code: 'ERR_HOST_STATE' });
    expect(host.workloadStatus('w').state).toBe('not-found');
  });

  it('a stop tells plugins first, so that nothing comes in while workloads drain', async () => {
    const order: string[] = [];
    const start: HostPlugin['start'] = async ({ stopping }) => {
      stopping.addEventListener('abort', () => order.push('b is told'));
    };
    const host = hostWith({ plugins: recording(order, 'b', { start }) });
    host.on('workload', ({ state }) => void order.push(state));
    await host.start();
    await host.workloadStart({ workloadId: 'w', workload: { namespace: 'n', name: 'w' } });
    order.length = 0;
    const stopped = host.stop();
    expect(order).toEqual(['b is told', 'stopping']);
    await stopped;
    expect(order.slice(-3)).toEqual(['c stop', 'b stop', 'a stop']);
  });

  it('a stop of the host stops its workloads before its plugins', async () => {
    const order: string[] = [];
    const host = hostWith({ plugins: recording(order) });
    host.on('workload', ({ state }) => void order.push(state));
    await host.start();
    await host.workloadStart({ workloadId: 'w', workload: { namespace: 'n', name: 'w' } });
    await host.stop();
    expect(order.slice(-6)).toEqual(['running', 'stopping', 'not-found', 'c stop', 'b stop', 'a stop']);
  });
});

describe('shared things', () => {
  const sharing = (
    order: string[],
    seen: unknown[],
    create?: () => Promise<{ close(): Promise<void> }>,
  ): HostPlugin[] =>
    ['a', 'b'].map((id) =>
      recordingPlugin(id, 'test:x/y@1.0.0', order, {
        start: async ({ shared }: PluginContext) => {
          const thing = await shared(
            'connection',
            create ?? (async () => ({ close: async () => void order.push('closed') })),
          );
          seen.push(thing);
        },
      }),
    );

  it('are made once and closed after the last plugin has stopped', async () => {
    const order: string[] = [];
    const seen: unknown[] = [];
    const host = hostWith({ plugins: sharing(order, seen) });
    await host.start();
    expect(seen[0]).toBe(seen[1]);
    await host.stop();
    expect(order).toEqual(['b stop', 'a stop', 'closed']);
  });

  it('that could not be made are tried again by the next who asks', async () => {
    const seen: unknown[] = [];
    let attempts = 0;
    const create = async () => {
      attempts += 1;
      if (attempts === 1) throw new Error('no');
      return { close: async () => undefined };
    };
    const [first, second] = sharing([], seen, create);
    if (first === undefined || second === undefined) return expect.unreachable();
    const forgiving: HostPlugin = {
      ...first,
      start: async (context, options) => first.start?.(context, options).catch(() => undefined),
    };
    const host = hostWith({ plugins: [forgiving, second] });
    await host.start();
    expect(attempts).toBe(2);
    expect(seen).toHaveLength(1);
    await host.stop();
  });
});

describe('options', () => {
  it('two plugins of one id are refused', () => {
    const plugins = [...recording([]), ...recording([])];
    expect(() => hostWith({ plugins })).toThrow(expect.objectContaining({ code: 'ERR_PLUGIN_DUPLICATE' }));
  });

  it('a plugin of a later spec version is refused', () => {
    const plugins = recording([], 'a', { specVersion: 2 as 1 });
    expect(() => hostWith({ plugins })).toThrow(expect.objectContaining({ code: 'ERR_PLUGIN_UNSUPPORTED' }));
  });

  it('a plugin whose world names no interface is refused', () => {
    const plugins = [recordingPlugin('a', 'test:x/y z' as 'a:b/c', [])];
    expect(() => hostWith({ plugins })).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }));
  });

  it.each(['', 'Upper', '-a', 'a-', 'a_b', 'x'.repeat(64)])('the friendly name %j is refused', (friendlyName) => {
    expect(() => hostWith({ friendlyName })).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }));
  });
});

describe('heartbeat', () => {
  it('says who the host is, and is plain data', async () => {
    const system = () => ({
      hostname: 'node-1',
      osArch: 'x86_64',
      osName: 'linux',
      osKernel: 'unix',
      systemCpuUsage: 12.5,
      systemMemoryTotal: 2 ** 34,
      systemMemoryFree: 2 ** 33,
    });
    const http = recordingPlugin('http', 'wasi:http/types@0.2.8', [], {
      world: {
        provides: [
          { id: 'wasi:http/types@0.2.8', suspends: [] },
          { id: 'wasi:http/outgoing-handler@0.2.8', suspends: [] },
        ],
        calls: [{ id: 'wasi:http/incoming-handler@0.2.8' }],
      },
      describe: () => ({ httpPort: 8080 }),
    });
    const host = hostWith({
      system,
      plugins: [http],
      labels: { hostgroup: 'default' },
      environment: 'prod',
      version: '1.2.3',
    });
    const heartbeat = host.heartbeat();
    expect(structuredClone(heartbeat)).toEqual(heartbeat);
    const { hostname: _, ...facts } = system();
    expect(heartbeat).toMatchObject({
      ...facts,
      id: host.id,
      hostname: 'node-1',
      friendlyName: host.friendlyName,
      version: '1.2.3',
      labels: { hostgroup: 'default' },
      environment: 'prod',
      httpPort: 8080,
      componentCount: 0,
      workloadCount: 0,
      imports: [{ namespace: 'wasi', package: 'http', interfaces: ['types', 'outgoing-handler'], version: '0.2.8' }],
      exports: [{ namespace: 'wasi', package: 'http', interfaces: ['incoming-handler'], version: '0.2.8' }],
    });
    expect(heartbeat.startedAt).toBe(new Date(heartbeat.startedAt).toISOString());
  });

  it('comes also when the system or a plugin fails to answer', () => {
    const fails = (): never => {
      throw new Error('no');
    };
    const host = hostWith({ system: fails, plugins: recording([], 'a', { describe: fails }) });
    expect(host.heartbeat()).toMatchObject({ hostname: 'localhost', systemMemoryTotal: 0, httpPort: 0 });
  });

  it('has a random RFC 1123 name and the version of this package by default', async () => {
    const host = hostWith();
    expect(host.friendlyName).toMatch(/^[a-z]+-[a-z]+-\d{4}$/);
    expect(host.version).toBe(version);
    const { default: manifest } = await import('../package.json', { with: { type: 'json' } });
    expect(version).toBe(manifest.version);
  });
});
