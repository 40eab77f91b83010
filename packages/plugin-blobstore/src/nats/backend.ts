import { HostError, type PluginContext } from '@lodge/core';
import { connectNats, type NatsOptions } from '@lodge-internal/nats';
import type { BlobstoreBackend } from '../backend.js';
import { type NatsAccess, natsAccess } from './bucket.js';
import { natsOperations } from './operations.js';

/** Options of {@link natsBlobstore}: how to connect, and how containers are made. */
export interface NatsBlobstoreOptions extends Omit<NatsOptions, 'name'> {
  /** What `backend` in a workload's config calls it. @default 'nats' */
  readonly name?: string;
  /** What the server lists the connection as. @default `lodge <host id>` */
  readonly connectionName?: string;
  /** Servers of a cluster that keep each new container. @default 1 */
  readonly replicas?: number;
  /** Whether new containers are kept on disk or in the memory of the server. @default 'file' */
  readonly storage?: 'file' | 'memory';
  /** Bytes that each new container may hold. @default no bound but the server's */
  readonly maxContainerBytes?: number;
}

/**
 * Containers as NATS object stores, readable by every client of those. Needs JetStream, and a server of version 2.9 or later. `url` in the config of a host
 * interface entry names another server, with its own login.
 *
 * Its start throws HostError `ERR_CONFIG_INVALID` when the server cannot be reached or refuses the login. Without `connection`, `url` and `servers`,
 * `127.0.0.1:4222` is connected to when the first workload needs it.
 */
export function natsBlobstore(options: NatsBlobstoreOptions = {}): BlobstoreBackend {
  const {
    name = 'nats',
    connectionName,
    replicas = 1,
    storage = 'file',
    maxContainerBytes = -1,
    ...natsOptions
  } = options;
  const { connection, url, servers } = natsOptions;
  const shape = { replicas, storage, maxContainerBytes };
  /** By the url of an entry. */
  const accesses = new Map<string | undefined, Promise<NatsAccess>>();
  let context: PluginContext | undefined;

  function access(entryUrl: string | undefined): Promise<NatsAccess> {
    const known = accesses.get(entryUrl);
    if (known !== undefined) return known;
    const opened = open(entryUrl);
    accesses.set(entryUrl, opened);
    // Another try may find the server.
    opened.catch(() => accesses.delete(entryUrl));
    return opened;
  }

  async function open(entryUrl: string | undefined): Promise<NatsAccess> {
    if (context === undefined) {
      throw new HostError('ERR_HOST_STATE', 'The NATS blob store is not started; use it while its host runs.');
    }
    // A workload that names a server of its own must bring its own login: the host's is not for whoever asks.
    const own = entryUrl === undefined ? natsOptions : { url: entryUrl };
    const named = connectionName === undefined ? own : { ...own, name: connectionName };
    return natsAccess(await connectNats(context, named), context.logger);
  }

  const backend: BlobstoreBackend = {
    ...natsOperations(() => access(undefined), shape),
    name,
    supports: { heldReadings: false },
    configKeys: ['url'],
    async start(started: PluginContext) {
      context = started;
      if (connection !== undefined || url !== undefined || servers !== undefined) await access(undefined);
    },
    async bind({ url: entryUrl }) {
      await access(entryUrl);
      return entryUrl === undefined ? backend : { ...backend, ...natsOperations(() => access(entryUrl), shape) };
    },
    async stop() {
      context = undefined;
      const opened = await Promise.allSettled(accesses.values());
      accesses.clear();
      for (const one of opened) {
        if (one.status !== 'fulfilled') continue;
        one.value.stopping.abort();
        await Promise.all(one.value.removals);
      }
    },
  };
  return backend;
}
