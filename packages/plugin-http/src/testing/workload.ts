import {
  type CallScope,
  type Cleanup,
  type ComponentInfo,
  type ExportHandle,
  HostError,
  type HostPlugin,
  type InstanceScope,
  type InterfaceId,
  type InterfaceRequest,
  type ResolvedWorkload,
  silentLogger,
  type WorkloadInfo,
} from '@lodge/core';
import type { HttpWorkload } from '../wasi-http.js';
import type { IncomingRequest } from '../wit/incoming-request.js';
import type { OutgoingHandler } from '../wit/outgoing-handler.js';
import type { ResponseOutparam } from '../wit/response-outparam.js';

/** A guest as a plain function that uses the WIT classes as a component would. */
export type Guest = (request: IncomingRequest, out: ResponseOutparam, context: GuestContext) => void | Promise<void>;

/** What a guest has beside its arguments. */
export interface GuestContext {
  readonly outgoing: OutgoingHandler;
  /** Aborts when its call is ended. */
  readonly signal: AbortSignal;
}

/** How a guest's workload is set up. */
export interface WorkloadOptions {
  readonly id?: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly allowedHosts?: readonly string[];
  readonly kind?: 'component' | 'service';
}

/** A workload that the plugin under test has bound. */
export interface BoundWorkload {
  /** Calls that are not over. */
  readonly liveCalls: number;
  /** What its component imports as `wasi:http/outgoing-handler`. */
  readonly outgoing: OutgoingHandler;
  unbind(): Promise<void>;
}

const never = new AbortController().signal;

/** Starts a plugin without a host. */
export async function startPlugin(plugin: HostPlugin<HttpWorkload>, stopping: AbortSignal = never): Promise<void> {
  const host = { id: 'host-1', friendlyName: 'host', version: '0.0.0', labels: {} };
  const context = {
    logger: silentLogger,
    host,
    stopping,
    shared: async <T>(_: string, create: () => Promise<T>) => create(),
  };
  await plugin.start?.(context, { signal: never });
}

/** Stops a plugin without a host. */
export async function stopPlugin(plugin: HostPlugin<HttpWorkload>, signal: AbortSignal = never): Promise<void> {
  await plugin.stop?.({ signal });
}

/** Takes a guest through the plugin's hooks, as core does with a component. */
export async function bindGuest(
  plugin: HostPlugin<HttpWorkload>,
  guest: Guest,
  options: WorkloadOptions = {},
): Promise<BoundWorkload> {
  const { id = 'workload-1', config = {}, allowedHosts = [], kind = 'component' } = options;
  const workload: WorkloadInfo = { id, namespace: 'test', name: id, annotations: {} };
  const component = componentInfo(workload, kind, allowedHosts);
  const requests = [
    request('wasi:http/types@0.2.12', 'import', component, config),
    request('wasi:http/outgoing-handler@0.2.12', 'import', component, config),
    request('wasi:http/incoming-handler@0.2.12', 'export', component, config),
  ];
  const state = await plugin.onWorkloadBind(workload, requests, { signal: never });
  const binding = await plugin.bindComponent(component, requests, state, { signal: never });
  const imports = binding.importsFor({ id: 'i', component, signal: never, defer() {} });
  const outgoing = imports['wasi:http/outgoing-handler@0.2.12'] as OutgoingHandler;
  const calls: Set<Promise<unknown>> = new Set();
  const stop = new AbortController();
  const handle: ExportHandle = {
    component,
    externName: 'wasi:http/incoming-handler@0.2.12',
    async call<R>(call: Parameters<ExportHandle['call']>[0]): Promise<R> {
      const running = runCall(component, call, async (args, signal) => {
        const [incoming, out] = args as [IncomingRequest, ResponseOutparam];
        await guest(incoming, out, { outgoing, signal });
      });
      calls.add(running);
      try {
        return (await running) as R;
      } finally {
        calls.delete(running);
      }
    },
  };
  const resolved: ResolvedWorkload = {
    ...workload,
    components: [component],
    signal: stop.signal,
    exports: () => [handle],
    useInstance: async () => {
      throw new Error('not used');
    },
    fail() {},
  };
  await plugin.onWorkloadResolved?.(resolved, state, { signal: never });
  return {
    outgoing,
    get liveCalls() {
      return calls.size;
    },
    unbind: () => plugin.onWorkloadUnbind(workload, state, { signal: never }),
  };
}

/** The rules of a call as core keeps them: over when the guest has returned and everything it waits for has settled. */
async function runCall(
  component: ComponentInfo,
  options: Parameters<ExportHandle['call']>[0],
  run: (args: readonly unknown[], signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const cleanups: Cleanup[] = [];
  const work: PromiseLike<unknown>[] = [];
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {});
  const fail = (code: 'ERR_CALL_ABORTED' | 'ERR_CALL_TIMEOUT'): void => {
    const error = new HostError(code, 'the call was ended');
    ended.reject(error);
    controller.abort(error);
  };
  const onAbort = (): void => fail('ERR_CALL_ABORTED');
  if (options.signal?.aborted) throw new HostError('ERR_CALL_ABORTED', 'the call was ended');
  options.signal?.addEventListener('abort', onAbort);
  const timer = setTimeout(() => fail('ERR_CALL_TIMEOUT'), options.deadlineMs ?? 600_000);
  const instance: InstanceScope = {
    id: 'i',
    component,
    signal: controller.signal,
    defer: (cleanup) => cleanups.push(cleanup),
  };
  const scope: CallScope = {
    instance,
    signal: controller.signal,
    abort: () => fail('ERR_CALL_ABORTED'),
    defer: (cleanup) => cleanups.push(cleanup),
    waitUntil: (promise) => work.push(promise),
  };
  try {
    await Promise.race([run(options.args(scope), controller.signal), ended.promise]);
    await Promise.race([Promise.all(work), ended.promise]);
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

function componentInfo(
  workload: WorkloadInfo,
  kind: 'component' | 'service',
  allowedHosts: readonly string[],
): ComponentInfo {
  return {
    name: 'main',
    kind,
    workload,
    callConcurrency: 0,
    localResources: {
      memoryLimitMb: 0,
      cpuLimit: 0,
      config: {},
      environment: {},
      arguments: [],
      volumeMounts: [],
      allowedHosts,
      allowedIpNameLookups: [],
      allowedHostLoopbackPorts: [],
    },
  };
}

function request(
  id: InterfaceId,
  direction: 'import' | 'export',
  component: ComponentInfo,
  config: Readonly<Record<string, string>>,
): InterfaceRequest {
  const shape = { externName: id, id, functions: [], resources: [] };
  return { id, direction, externName: id, component, name: undefined, config, shape };
}
