import { HostError, type PluginContext } from '@lodge/core';
import { connectNats, type NatsClient, NatsFailure, type NatsOptions } from '@lodge-internal/nats';
import { type JetStreamManager, jetstream, type StreamConfig } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { BackendConfig, BucketAddress, KeyValueBackend, KeyValueBucket } from '../backend.js';
import { NatsBucket } from './bucket.js';
import { toKeyValueError } from './errors.js';
import { bucketName } from './names.js';

/** Options of {@link natsKeyValue}: how to connect, and how buckets are made. */
export interface NatsKeyValueOptions extends NatsOptions {
  /** Servers of a cluster that keep each new bucket. @default 1 */
  readonly replicas?: number;
  /** Whether new buckets are kept on disk or in the memory of the server. @default 'file' */
  readonly storage?: 'file' | 'memory';
}

/**
 * Buckets as NATS key-value buckets. `config` of a host interface entry may name another server (`url`, with its own login) and forbid that missing buckets are
 * created (`create: 'false'`).
 *
 * Its start throws HostError `ERR_CONFIG_INVALID` when the server cannot be reached or refuses the login. Without `connection`, `url` and `servers`,
 * `127.0.0.1:4222` is connected to when the first workload needs it.
 */
export function natsKeyValue(options: NatsKeyValueOptions = {}): KeyValueBackend {
  const { replicas = 1, storage = 'file', ...natsOptions } = options;
  const { connection, url, servers } = natsOptions;
  let context: PluginContext | undefined;

  function client(config: BackendConfig): Promise<NatsClient> {
    if (context === undefined) throw new HostError('ERR_HOST_STATE', 'The NATS backend has not been started.');
    // A workload that names a server of its own must bring its own login: the host's is not for whoever asks.
    return connectNats(context, config['url'] === undefined ? natsOptions : { url: config['url'] });
  }

  return {
    name: 'nats',
    isSynchronous: false,
    supports: { watch: true },
    configKeys: ['url', 'create'],
    async start(started: PluginContext) {
      context = started;
      if (connection !== undefined || url !== undefined || servers !== undefined) await client({});
    },
    async bind(config) {
      const { create = 'true' } = config;
      if (create !== 'true' && create !== 'false') {
        const message = `The key 'create' of wasi:keyvalue must be 'true' or 'false', and is ${JSON.stringify(create)}.`;
        throw new HostError('ERR_CONFIG_INVALID', message, { details: { path: 'create' } });
      }
      await client(config);
    },
    async open(address: BucketAddress, config: BackendConfig): Promise<KeyValueBucket> {
      const name = bucketName(address);
      try {
        const nats = await client(config);
        const js = jetstream(nats.connection, { timeout: nats.timeoutMs, checkAPI: false });
        const kvm = new Kvm(js);
        const shape = config['create'] === 'false' ? undefined : { replicas, storage };
        return await nats.call(async () => {
          const manager = await js.jetstreamManager();
          const stream = await findStream(kvm, manager, name, shape);
          // A direct read may come from a follower, which need not know yet what a guest has just written.
          const kv = await kvm.open(name, { allow_direct: stream.allow_direct && stream.num_replicas === 1 });
          return new NatsBucket({ nats, js, manager, kv, stream });
        });
      } catch (error) {
        throw toKeyValueError(error);
      }
    },
  };
}

/** How buckets are made. */
type BucketShape = Required<Pick<NatsKeyValueOptions, 'replicas' | 'storage'>>;

/** The stream behind a bucket, created where it may be. */
async function findStream(
  kvm: Kvm,
  manager: JetStreamManager,
  name: string,
  shape: BucketShape | undefined,
): Promise<StreamConfig> {
  try {
    return (await manager.streams.info(`KV_${name}`)).config;
  } catch (error) {
    if (shape === undefined || NatsFailure.from(error).kind !== 'not-found') throw error;
  }
  await kvm.create(name, { replicas: shape.replicas, storage: shape.storage }).catch((error: unknown) => {
    // Another host was faster, with another shape in mind. Its bucket is the bucket.
    if (NatsFailure.from(error).kind !== 'conflict') throw error;
  });
  return (await manager.streams.info(`KV_${name}`)).config;
}
