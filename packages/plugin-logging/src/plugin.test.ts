import type { ComponentInfo, HostPlugin, InterfaceId, InterfaceRequest, Logger } from '@lodge/core';
import { HostError, silentLogger } from '@lodge/core';
import { testHostPlugin } from '@lodge/plugin-conformance';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { describe, expect, test, vi } from 'vitest';
import type { LoggingBackend } from './backend.js';
import { type InMemoryLogging, inMemoryLogging } from './in-memory/index.js';
import type { LogRecord } from './log-record.js';
import { type LoggingPluginOptions, type LoggingWorkload, loggingPlugin } from './plugin.js';
import type { Logging } from './wit/logging.js';

const { signal } = new AbortController();
const loggingId: InterfaceId = 'wasi:logging/logging@0.1.0-draft';
const backends = new WeakMap<HostPlugin, InMemoryLogging>();

testHostPlugin<HostPlugin<LoggingWorkload>>(
  { describe, test },
  {
    create() {
      const backend = inMemoryLogging();
      const plugin = loggingPlugin({ backends: [backend] });
      backends.set(plugin, backend);
      return plugin;
    },
    createStalled: () => loggingPlugin({ backends: [stalledBackend()] }),
    createUnstartable: () =>
      loggingPlugin({ backends: [{ ...stalledBackend(), start: () => Promise.reject(new Error('no')) }] }),
    interfaces: [{ id: loggingId, functions: ['log'] }],
    workloads: [{}, { config: { level: 'warn' } }],
    refused: [{ config: { level: 'loud' } }, { config: { backend: 'syslog' } }, { config: { levle: 'info' } }],
    held: (plugin) => backends.get(plugin)?.openSinks ?? 0,
    usesScope: true,
    observe(guest) {
      const backend = backends.get(guest.plugin);
      const log = guest.imports('wasi:logging/logging')['log'];
      const before = backend?.records(guest.workload.id).length;
      log?.('info', 'cart', 'one');
      log?.('error', 'cart', 'two');
      const written = backend?.records(guest.workload.id).slice(before) ?? [];
      return written.map(({ level, message, workload, component }) => ({ level, message, workload, component }));
    },
  },
);

describe('loggingPlugin', () => {
  test('makes a record of what a guest says, with who said it', async () => {
    const { log, backend } = await open();
    log('warn', 'cart', 'nearly empty');
    expect(backend.records()).toEqual([
      {
        time: expect.any(Number),
        level: 'warn',
        context: 'cart',
        message: 'nearly empty',
        workload: { id: 'w1', namespace: 'shop', name: 'cart' },
        component: 'front',
        instance: 'i1',
      },
    ]);
    expect(Math.abs((backend.records()[0]?.time ?? 0) - Date.now())).toBeLessThan(5_000);
  });

  test('adds the active span of OpenTelemetry', async () => {
    const { log, backend } = await open();
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const spanId = 'b7ad6b7169203331';
    const active = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 1 });
    // Without an SDK the API keeps no context, so a manager of one context stands in for it.
    const manager = {
      active: () => active,
      with: context.with,
      bind: context.bind,
      enable: () => manager,
      disable: () => manager,
    };
    context.setGlobalContextManager(manager as unknown as Parameters<typeof context.setGlobalContextManager>[0]);
    log('info', '', 'traced');
    context.disable();
    log('info', '', 'untraced');
    expect(backend.records()[0]).toMatchObject({ traceId, spanId });
    expect(backend.records()[1]).not.toHaveProperty('traceId');
  });

  test('control characters forge no line and reach no terminal', async () => {
    const { log, backend } = await open();
    log('info', 'a\r\nb', 'hello\n2026-11-22 ERROR forged\u001b[2J\u2028');
    expect(backend.records()[0]).toMatchObject({
      context: 'a\\r\\nb',
      message: 'hello\\n2026-11-22 ERROR forged\\u{1b}[2J\\u{2028}',
    });
  });

  test('cuts what is too long, and says how much', async () => {
    const { log, backend } = await open({ limits: { maxMessageLength: 5, maxContextLength: 3 } });
    log('info', 'context', 'message');
    expect(backend.records()[0]).toMatchObject({ context: 'con', message: 'messa', cut: 6 });
  });

  test('leaves out what is less urgent than the entry wants', async () => {
    const { log, backend } = await open({}, { level: 'error' });
    for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'critical'] as const) log(level, '', level);
    expect(backend.records().map(({ level }) => level)).toEqual(['error', 'critical']);
  });

  test('drops what exceeds the rate of a workload, and tells how much, where it is missing', async () => {
    vi.useFakeTimers();
    try {
      const { log, backend } = await open({ limits: { burst: 2, recordsPerSecond: 1 } });
      for (let index = 0; index < 10; index += 1) log('info', '', `${index}`);
      vi.advanceTimersByTime(1_000);
      log('info', '', 'later');
      expect(backend.records().map(({ message }) => message)).toEqual([
        '0',
        '1',
        '8 log records of this workload were dropped',
        'later',
      ]);
      expect(backend.records()[2]).toEqual({
        time: expect.any(Number),
        level: 'warn',
        context: '',
        message: expect.any(String),
        workload: { id: 'w1', namespace: 'shop', name: 'cart' },
        dropped: 8,
      });
    } finally {
      vi.useRealTimers();
    }
  });

  test('tells what was dropped at the end, when nothing follows', async () => {
    const { log, backend, unbind } = await open({ limits: { burst: 1, recordsPerSecond: 1 } });
    log('info', '', 'one');
    log('info', '', 'two');
    await unbind();
    expect(backend.records().map(({ dropped }) => dropped)).toEqual([undefined, 1]);
  });

  test('tells what a backend has lost', async () => {
    const written: (number | undefined)[] = [];
    const sink = {
      dropped: 0,
      write: ({ dropped }: { dropped?: number }) => void written.push(dropped),
      close: async () => {},
    };
    const { log } = await open({ backends: [{ ...stalledBackend(), open: async () => sink }] });
    log('info', '', 'one');
    sink.dropped = 7;
    log('info', '', 'two');
    log('info', '', 'three');
    expect(written).toEqual([undefined, 7, undefined, undefined]);
  });

  test('a rate is of the workload, whatever the number of its instances and entries', async () => {
    const backend = inMemoryLogging();
    const plugin = loggingPlugin({ backends: [backend], limits: { burst: 3, recordsPerSecond: 1 } });
    const component = componentNamed('front');
    const requests = [requestOf(component, {}), requestOf(component, { level: 'info' }, 'audit')];
    const state = await plugin.onWorkloadBind(component.workload, requests, { signal });
    const { importsFor } = await plugin.bindComponent(component, requests, state, { signal });
    for (const id of ['i1', 'i2', 'i3']) {
      const imports = importsFor({ id, component, signal, defer() {} }) as Readonly<Record<string, Logging>>;
      imports[loggingId]?.log('info', '', id);
      imports['audit']?.log('info', '', id);
    }
    expect(backend.records()).toHaveLength(3);
  });

  test('sends labelled imports to the backends of their own entries', async () => {
    const audit = inMemoryLogging({ name: 'audit-trail' });
    const usual = inMemoryLogging();
    const plugin = loggingPlugin({ backends: [usual, audit] });
    const component = componentNamed('front');
    const requests = [requestOf(component, {}), requestOf(component, { backend: 'audit-trail' }, 'audit')];
    const state = await plugin.onWorkloadBind(component.workload, requests, { signal });
    const { importsFor } = await plugin.bindComponent(component, requests, state, { signal });
    const imports = importsFor({ id: 'i', component, signal, defer() {} }) as Readonly<Record<string, Logging>>;
    imports[loggingId]?.log('info', '', 'usual');
    imports['audit']?.log('info', '', 'audited');
    expect(usual.records().map(({ message }) => message)).toEqual(['usual']);
    expect(audit.records().map(({ message }) => message)).toEqual(['audited']);
  });

  test('goes to the logger of the host by default', async () => {
    const written: unknown[][] = [];
    const logger: Logger = { log: (...entry) => void written.push(entry) };
    const plugin = loggingPlugin();
    const host = { id: 'h', friendlyName: 'h', version: '0', labels: {} };
    await plugin.start?.({ logger, host, stopping: signal, shared: (_key, create) => create() }, { signal });
    const { log } = await openWith(plugin, {});
    log('debug', 'cart', 'hello');
    expect(written).toEqual([['debug', 'hello', expect.objectContaining({ component: 'front', context: 'cart' })]]);
  });

  test('an instance that outlives its workload is heard no more', async () => {
    const written: string[] = [];
    const sink = { dropped: 0, write: ({ message }: LogRecord) => void written.push(message), close: async () => {} };
    const { log, unbind } = await open({ backends: [{ ...stalledBackend(), open: async () => sink }] });
    await unbind();
    log('info', '', 'from the grave');
    expect(written).toEqual([]);
  });

  test.each([
    [{ level: 'loud' }, /config\.level must be one of trace, debug, info, warn, error, critical/],
    [{ backend: 'syslog' }, /config\.backend is 'syslog'; this host has in-memory/],
    [{ levle: 'info' }, /config\.levle is not known; known are backend, level/],
  ])('refuses %o', async (config, message) => {
    const error: unknown = await open({}, config).catch((reason: unknown) => reason);
    expect(HostError.is(error, 'ERR_CONFIG_INVALID')).toBe(true);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
  });

  test('stops the backends that have started when another one cannot', async () => {
    const calls: string[] = [];
    const first = {
      ...stalledBackend(),
      name: 'first',
      start: async () => void calls.push('start'),
      stop: async () => void calls.push('stop'),
    };
    const second = { ...stalledBackend(), name: 'second', start: () => Promise.reject(new Error('no server')) };
    const plugin = loggingPlugin({ backends: [first, second] });
    const host = { id: 'h', friendlyName: 'h', version: '0', labels: {} };
    const shared = <T>(_key: string, create: () => Promise<T>) => create();
    const context = { logger: silentLogger, host, stopping: signal, shared };
    await expect(plugin.start?.(context, { signal })).rejects.toThrow('no server');
    expect(calls).toEqual(['start', 'stop']);
  });

  test('refuses limits that are none, two backends of one name, and none', () => {
    expect(() => loggingPlugin({ limits: { burst: 0 } })).toThrow(/burst must be a whole number above 0/);
    expect(() => loggingPlugin({ limits: { birst: 1 } as object })).toThrow(/"birst" is unknown/);
    expect(() => loggingPlugin({ backends: [inMemoryLogging(), inMemoryLogging()] })).toThrow(HostError);
    expect(() => loggingPlugin({ backends: [] })).toThrow(HostError);
  });
});

function stalledBackend(): LoggingBackend {
  return {
    name: 'stalled',
    supports: { buffering: false },
    open: (_workload, options) =>
      new Promise((_resolve, reject) => options.signal.addEventListener('abort', () => reject(options.signal.reason))),
  };
}

function componentNamed(name: string): ComponentInfo {
  return {
    name,
    kind: 'component',
    workload: { id: 'w1', namespace: 'shop', name: 'cart', annotations: {} },
    localResources: {
      memoryLimitMb: 0,
      cpuLimit: 0,
      config: {},
      environment: {},
      arguments: [],
      volumeMounts: [],
      allowedHosts: [],
      allowedIpNameLookups: [],
      allowedHostLoopbackPorts: [],
    },
    callConcurrency: 0,
  };
}

function requestOf(component: ComponentInfo, config: Record<string, string>, name?: string): InterfaceRequest {
  const externName = name ?? loggingId;
  const shape = { externName, id: loggingId, functions: [], resources: [] };
  return { id: loggingId, direction: 'import', externName, component, name, config, shape };
}

async function openWith(plugin: HostPlugin<LoggingWorkload>, config: Record<string, string>) {
  const component = componentNamed('front');
  const requests = [requestOf(component, config)];
  const state = await plugin.onWorkloadBind(component.workload, requests, { signal });
  const { importsFor } = await plugin.bindComponent(component, requests, state, { signal });
  const imports = importsFor({ id: 'i1', component, signal, defer() {} }) as Readonly<Record<string, Logging>>;
  const log: Logging['log'] = (...args) => imports[loggingId]?.log(...args);
  return { log, unbind: () => plugin.onWorkloadUnbind(component.workload, state, { signal }) };
}

async function open(options: LoggingPluginOptions = {}, config: Record<string, string> = {}) {
  const backend = inMemoryLogging();
  return { backend, ...(await openWith(loggingPlugin({ backends: [backend], ...options }), config)) };
}
