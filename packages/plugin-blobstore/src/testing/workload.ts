import {
  type ComponentInfo,
  type HostPlugin,
  type InterfaceId,
  type InterfaceRequest,
  type Logger,
  silentLogger,
  type WorkloadInfo,
} from '@lodge/core';
import { hostContext } from '@lodge-internal/conformance';
import type { BlobstoreWorkload } from '../plugin.js';
import type { Blobstore } from '../wit/blobstore.js';
import type { Container } from '../wit/container.js';
import type { IncomingValue } from '../wit/incoming-value.js';
import type { OutgoingValueClass } from '../wit/outgoing-value.js';

/** What a component imports of `wasi:blobstore`. */
export interface BlobstoreImports extends AsyncDisposable {
  readonly blobstore: Blobstore;
  readonly OutgoingValue: OutgoingValueClass;
  readonly IncomingValue: typeof IncomingValue;
  /** Streams that count as open. */
  readonly openStreams: number;
}

/** An entry of `hostInterfaces`. */
export interface Entry {
  readonly namespace?: string;
  readonly name?: string;
  readonly config?: Readonly<Record<string, string>>;
}

const never = new AbortController().signal;

/** Starts a plugin without a host. The answer closes what it shares. */
export async function startPlugin(
  plugin: HostPlugin<BlobstoreWorkload>,
  logger: Logger = silentLogger,
): Promise<AsyncDisposable> {
  const { context, close } = hostContext({ logger });
  await plugin.start?.(context, { signal: never });
  return {
    async [Symbol.asyncDispose]() {
      await plugin.stop?.({ signal: never });
      await close().catch(() => {});
    },
  };
}

/** What core asks of a plugin for one entry. */
export interface Asked {
  readonly workload: WorkloadInfo;
  readonly component: ComponentInfo;
  readonly requests: readonly InterfaceRequest[];
}

/** The requests of a component that imports everything, through one entry. */
export function asked({ world }: HostPlugin<BlobstoreWorkload>, entry: Entry = {}): Asked {
  const { namespace = 'shop', name, config = {} } = entry;
  const workload: WorkloadInfo = { id: 'w', namespace, name: 'w', annotations: {} };
  const component: ComponentInfo = {
    name: 'main',
    kind: 'component',
    workload,
    callConcurrency: 0,
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
  };
  const request = (id: InterfaceId): InterfaceRequest => {
    const shape = { externName: id, id, functions: [], resources: [] };
    return { id, direction: 'import', externName: id, component, name, config, shape };
  };
  return { workload, component, requests: world.provides.map(({ id }) => request(id)) };
}

/** Takes one entry through the plugin's hooks, as core does. */
export async function bind(plugin: HostPlugin<BlobstoreWorkload>, entry: Entry = {}): Promise<BlobstoreImports> {
  const { workload, component, requests } = asked(plugin, entry);
  const state = await plugin.onWorkloadBind(workload, requests, { signal: never });
  const binding = await plugin.bindComponent(component, requests, state, { signal: never });
  const imports = binding.importsFor({ id: 'i', component, signal: never, defer() {} });
  const types = imports['wasi:blobstore/types@0.2.0-draft'] as Pick<
    BlobstoreImports,
    'OutgoingValue' | 'IncomingValue'
  >;
  return {
    blobstore: imports['wasi:blobstore/blobstore@0.2.0-draft'] as Blobstore,
    OutgoingValue: types.OutgoingValue,
    IncomingValue: types.IncomingValue,
    get openStreams() {
      return state.quota.open;
    },
    [Symbol.asyncDispose]: () => plugin.onWorkloadUnbind(workload, state, { signal: never }),
  };
}

/** Writes an object as a guest does. */
export async function put(
  imports: BlobstoreImports,
  container: Container,
  name: string,
  content: string | Uint8Array,
): Promise<void> {
  const value = imports.OutgoingValue.newOutgoingValue();
  const stream = value.outgoingValueWriteBody();
  await container.writeData(name, value);
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  for (let offset = 0; offset < bytes.length; offset += 4096) {
    await stream.blockingWriteAndFlush(bytes.slice(offset, offset + 4096));
  }
  stream[Symbol.dispose]();
  await imports.OutgoingValue.finish(value);
}

/** Reads an object, or a part of it, as a guest does: to the end of its stream. */
export async function get(
  imports: BlobstoreImports,
  container: Container,
  name: string,
  start: bigint = 0n,
  end: bigint = 2n ** 64n - 1n,
): Promise<Uint8Array> {
  const stream = imports.IncomingValue.incomingValueConsumeAsync(await container.getData(name, start, end));
  const chunks: Uint8Array[] = [];
  try {
    for (;;) chunks.push((await stream.blockingRead(65_536n)).slice());
  } catch (error) {
    const { payload } = error as { payload?: { tag?: string } };
    if (payload?.tag !== 'closed') throw error;
    return Buffer.concat(chunks);
  } finally {
    stream[Symbol.dispose]();
  }
}

/** What a guest is told. */
export async function told(work: Promise<unknown> | undefined | (() => unknown)): Promise<unknown> {
  try {
    await (typeof work === 'function' ? work() : work);
    return 'nothing';
  } catch (error) {
    const { payload } = error as { payload?: unknown };
    if (typeof payload === 'object' && payload !== null && 'val' in payload) {
      return (payload.val as { toDebugString(): string }).toDebugString();
    }
    return error instanceof Error && error.name === 'WitError' ? payload : error;
  }
}
