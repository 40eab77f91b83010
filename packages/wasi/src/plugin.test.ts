import {
  type ComponentInfo,
  GuestExit,
  type InstanceScope,
  type InterfaceId,
  type InterfaceRequest,
  type Logger,
  WitError,
} from '@lodge/core';
import { describe, expect, test } from 'vitest';
import type { WasiInterfaces } from './interfaces.js';
import { byteCollector } from './io/sinks.js';
import { bytesSource } from './io/sources.js';
import { type WasiOptions, wasi } from './plugin.js';

const signal = new AbortController().signal;

function componentNamed(name: string): ComponentInfo {
  return {
    name,
    kind: 'component',
    workload: { id: 'w1', namespace: 'shop', name: 'cart', annotations: {} },
    localResources: {
      memoryLimitMb: 0,
      cpuLimit: 0,
      config: { secret: 'x' },
      environment: { GREETING: `hello ${name}` },
      arguments: ['cart', '--fast'],
      volumeMounts: [],
      allowedHosts: [],
      allowedIpNameLookups: [],
      allowedHostLoopbackPorts: [],
    },
    callConcurrency: 0,
  };
}

function scopeOf(component: ComponentInfo): InstanceScope {
  return { id: 'i1', component, signal, defer() {} };
}

function logger(): Logger & { readonly entries: unknown[][] } {
  const entries: unknown[][] = [];
  return { entries, log: (...entry) => void entries.push(entry) };
}

/** The interfaces as a component of a host with these options gets them. */
async function bind<Name extends keyof WasiInterfaces>(
  name: Name,
  options: WasiOptions = {},
  log: Logger = logger(),
): Promise<WasiInterfaces[Name]> {
  const plugin = wasi(options);
  const component = componentNamed('front');
  await plugin.start?.(
    {
      logger: log,
      host: { id: 'h', friendlyName: 'h', version: '0', labels: {} },
      stopping: signal,
      shared: (_key, create) => create(),
    },
    { signal },
  );
  const request: InterfaceRequest = {
    id: `${name}@0.2.12` as InterfaceId,
    direction: 'import',
    externName: `${name}@0.2.3`,
    component,
    name: undefined,
    config: {},
    shape: { externName: `${name}@0.2.3`, id: `${name}@0.2.3` as InterfaceId, functions: [], resources: [] },
  };
  const state = await plugin.onWorkloadBind(component.workload, [request], { signal });
  const binding = await plugin.bindComponent(component, [request], state, { signal });
  const imports = binding.importsFor(scopeOf(component));
  expect(Object.keys(imports)).toEqual([`${name}@0.2.3`]);
  expect(binding.importsFor(scopeOf(component))).toBe(imports);
  expect(Object.isFrozen(imports)).toBe(true);
  return imports[`${name}@0.2.3`] as WasiInterfaces[Name];
}

describe('wasi', () => {
  test('provides every interface without an entry in hostInterfaces', () => {
    const { provides } = wasi().world;
    expect(provides).toHaveLength(27);
    expect(provides.every((provided) => provided.isAmbient === true)).toBe(true);
    expect(provides.every((provided) => /^wasi:[a-z]+\/[a-z-]+@0\.2\.12$/.test(provided.id))).toBe(true);
  });

  test('only what can really wait suspends', () => {
    const suspending = wasi().world.provides.filter(({ suspends }) => suspends.length > 0);
    expect(suspending.map(({ id }) => id)).toEqual(['wasi:io/poll@0.2.12', 'wasi:io/streams@0.2.12']);
    for (const name of suspending.flatMap(({ suspends }) => suspends)) expect(name).toMatch(/^poll$|block/);
  });

  test('gives the environment and the arguments of the component, and no directory', async () => {
    const environment = await bind('wasi:cli/environment');
    expect(environment.getEnvironment()).toEqual([['GREETING', 'hello front']]);
    expect(environment.getArguments()).toEqual(['cart', '--fast']);
    expect(environment.initialCwd()).toBeUndefined();
    expect((await bind('wasi:filesystem/preopens')).getDirectories()).toEqual([]);
  });

  test('exit ends the guest with its code', async () => {
    const { exit, exitWithCode } = await bind('wasi:cli/exit');
    expect(() => exit({ tag: 'ok' })).toThrow(expect.objectContaining({ exitCode: 0 }));
    expect(() => exit({ tag: 'err' })).toThrow(expect.objectContaining({ exitCode: 1 }));
    expect(() => exitWithCode(42)).toThrow(expect.objectContaining({ exitCode: 42 }));
    expect(() => exitWithCode(42)).toThrow(GuestExit);
  });

  test('standard input has ended by default', async () => {
    const { getStdin } = await bind('wasi:cli/stdin');
    expect(() => getStdin().read(1n)).toThrow(WitError);
  });

  test('standard output and error are logged by line with the names of workload and component', async () => {
    const log = logger();
    const stdout = (await bind('wasi:cli/stdout', {}, log)).getStdout();
    expect(stdout.blockingWriteAndFlush(new TextEncoder().encode('hello\nforged\u001b\nrest'))).toBeUndefined();
    stdout[Symbol.dispose]();
    const stderr = (await bind('wasi:cli/stderr', {}, log)).getStderr();
    expect(stderr.blockingWriteAndFlush(new TextEncoder().encode('oops\n'))).toBeUndefined();
    const fields = { namespace: 'shop', workload: 'cart', component: 'front', stream: 'stdout' };
    expect(log.entries).toEqual([
      ['info', 'hello', fields],
      ['info', 'forged\\u{1b}', fields],
      ['info', 'rest', fields],
      ['warn', 'oops', { ...fields, stream: 'stderr' }],
    ]);
  });

  test('standard streams can be given per component', async () => {
    const sink = byteCollector(100);
    const { getStdin } = await bind('wasi:cli/stdin', {
      stdin: ({ name }) => bytesSource(new TextEncoder().encode(name)),
    });
    expect(new TextDecoder().decode(getStdin().read(10n))).toBe('front');
    const { getStdout } = await bind('wasi:cli/stdout', { stdout: () => sink });
    getStdout().blockingWriteAndFlush(Uint8Array.of(1, 2));
    expect(sink.bytes()).toEqual(Uint8Array.of(1, 2));
  });

  test('standard streams can be web streams', async () => {
    const written: number[] = [];
    const { getStderr } = await bind('wasi:cli/stderr', {
      stderr: new WritableStream<Uint8Array>({ write: (bytes) => void written.push(...bytes) }),
    });
    await getStderr().blockingWriteAndFlush(Uint8Array.of(1, 2));
    expect(written).toEqual([1, 2]);
    const { getStdin } = await bind('wasi:cli/stdin', {
      stdin: new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(Uint8Array.of(7)) }),
    });
    expect(await getStdin().blockingRead(5n)).toEqual(Uint8Array.of(7));
  });

  test('stop lets go of the web streams', async () => {
    const cancelled = Promise.withResolvers<void>();
    const stdin = new ReadableStream<Uint8Array>({ cancel: () => cancelled.resolve() });
    const stdout = new WritableStream<Uint8Array>();
    const plugin = wasi({ stdin, stdout });
    const component = componentNamed('front');
    const requests = ['wasi:cli/stdin', 'wasi:cli/stdout'].map((name) => ({ id: name, externName: name }));
    const binding = await plugin.bindComponent(component, requests as unknown as InterfaceRequest[], undefined, {
      signal,
    });
    const imports = binding.importsFor(scopeOf(component)) as unknown as WasiInterfaces;
    imports['wasi:cli/stdin'].getStdin();
    imports['wasi:cli/stdout'].getStdout();
    await plugin.stop?.({ signal });
    await plugin.stop?.({ signal });
    await cancelled.promise;
    expect(stdout.locked).toBe(false);
  });

  test('standard streams are terminals only where the options say so', async () => {
    expect((await bind('wasi:cli/terminal-stdout')).getTerminalStdout()).toBeUndefined();
    const options: WasiOptions = { terminals: { stdout: true } };
    const { TerminalOutput } = await bind('wasi:cli/terminal-output', options);
    expect((await bind('wasi:cli/terminal-stdout', options)).getTerminalStdout()).toBeInstanceOf(TerminalOutput);
    expect((await bind('wasi:cli/terminal-stdin', options)).getTerminalStdin()).toBeUndefined();
    expect((await bind('wasi:cli/terminal-stderr', options)).getTerminalStderr()).toBeUndefined();
  });

  test('sockets link and are denied', async () => {
    const { instanceNetwork } = await bind('wasi:sockets/instance-network');
    const { Network } = await bind('wasi:sockets/network');
    expect(instanceNetwork()).toBeInstanceOf(Network);
    const { createTcpSocket } = await bind('wasi:sockets/tcp-create-socket');
    const { createUdpSocket } = await bind('wasi:sockets/udp-create-socket');
    const { resolveAddresses } = await bind('wasi:sockets/ip-name-lookup');
    expect(createTcpSocket).toThrow(expect.objectContaining({ payload: 'access-denied' }));
    expect(createUdpSocket).toThrow(expect.objectContaining({ payload: 'access-denied' }));
    expect(resolveAddresses).toThrow(expect.objectContaining({ payload: 'permanent-resolver-failure' }));
  });

  test('limits are those of the options', async () => {
    const { getRandomBytes } = await bind('wasi:random/random', { maxRandomBytes: 8 });
    expect(() => getRandomBytes(9n)).toThrow(/at most 8/);
    const { poll } = await bind('wasi:io/poll', { maxPollables: 1 });
    const { subscribeDuration } = await bind('wasi:clocks/monotonic-clock');
    expect(() => poll([subscribeDuration(0n), subscribeDuration(0n)])).toThrow(/at most 1/);
  });

  test('the clock is the one of the options', async () => {
    const clock = { monotonicNow: () => 5n, wallNow: () => 2_500, setTimer: () => () => {} };
    expect((await bind('wasi:clocks/monotonic-clock', { clock })).now()).toBe(5n);
    expect((await bind('wasi:clocks/wall-clock', { clock })).now()).toEqual({ seconds: 2n, nanoseconds: 500_000_000 });
  });
});
