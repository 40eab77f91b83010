import { HostError, type PluginContext } from '@lodge/core';
import { connectNats, type NatsOptions } from '@lodge-internal/nats';
import type { BlobstoreBackend } from '../backend.js';
import { type NatsAccess, natsAccess } from './bucket.js';
import { natsOperations } from './operations.js';
import { SharedAccesses } from './shared-accesses.js';

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
  const nameOption = connectionName === undefined ? {} : { name: connectionName };
  let context: PluginContext | undefined;
  let hostAccess: Promise<NatsAccess> | undefined;
  const entryAccesses = new SharedAccesses(openEntry);

  function access(): Promise<NatsAccess> {
    if (hostAccess !== undefined) return hostAccess;
    const opened = openHost();
    hostAccess = opened;
    // Another try may find the server.
    opened.catch(() => {
      if (hostAccess === opened) hostAccess = undefined;
    });
    return opened;
  }

  async function openHost(): Promise<NatsAccess> {
    const { logger } = running();
    return natsAccess(await connectNats(running(), { ...natsOptions, ...nameOption }), logger);
  }

  async function openEntry(entryUrl: string): Promise<NatsAccess> {
    const { logger, host } = running();
    // What a host shares it closes when it stops; this ends with the last workload that names the server.
    const notShared = { logger, host, shared: <T>(_key: string, create: () => Promise<T>) => create() };
    // A workload that names a server of its own must bring its own login: the host's is not for whoever asks.
    const client = await connectNats(notShared, { url: entryUrl, ...nameOption });
    try {
      return await natsAccess(client, logger);
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  function running(): PluginContext {
    if (context !== undefined) return context;
    throw new HostError('ERR_HOST_STATE', 'The NATS blob store is not started; use it while its host runs.');
  }

  const backend: BlobstoreBackend = {
    ...natsOperations(access, shape),
    name,
    supports: { heldReadings: false },
    configKeys: ['url'],
    async start(started: PluginContext) {
      context = started;
      if (connection !== undefined || url !== undefined || servers !== undefined) await access();
    },
    async bind({ url: entryUrl }, { signal }) {
      if (entryUrl === undefined) {
        await access();
        return backend;
      }
      const lease = await entryAccesses.use(entryUrl, signal);
      const entryAccess = async (): Promise<NatsAccess> => {
        running();
        return lease.access;
      };
      return { ...backend, ...natsOperations(entryAccess, shape), unbind: async () => lease.release() };
    },
    async stop() {
      context = undefined;
      const opening = hostAccess;
      hostAccess = undefined;
      const opened = await opening?.catch(() => undefined);
      opened?.stopping.abort();
      await Promise.all([entryAccesses.close(), ...(opened?.removals ?? [])]);
    },
  };
  return backend;
}
