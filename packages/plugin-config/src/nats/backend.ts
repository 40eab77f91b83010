import { HostError, type Logger, silentLogger } from '@lodge/core';
import { connectNats, type NatsClient, NatsFailure, type NatsOptions } from '@lodge-internal/nats';
import type { ConfigBackend, ConfigSource } from '../backend.js';
import { openError } from './errors.js';
import { FollowedBucket } from './followed-bucket.js';
import { bucketName } from './names.js';
import { orAborted, SharedBuckets } from './shared-buckets.js';
import type { SnapshotLimits } from './snapshot.js';

/** Options of {@link natsConfig}. */
export interface NatsConfigOptions extends NatsOptions {
  /** What `backend` in a workload's config calls it: for hosts with several. @default 'nats' */
  readonly backend?: string;
  /** Bounds per store. Unset ones have their defaults. */
  readonly limits?: Partial<SnapshotLimits>;
  /** Milliseconds between two looks at whether a bucket was deleted or made again, which no watch tells. @default 10_000 */
  readonly checkMs?: number;
}

/** The backend that {@link natsConfig} makes. */
export interface NatsConfig extends ConfigBackend {
  /** Buckets that are followed. */
  readonly openBuckets: number;
}

/**
 * Values from KV buckets of NATS, followed live: store `config` of namespace `default` is bucket `default__config`. The plugin never makes or
 * changes a bucket. Without a connection the last known values stay.
 */
export function natsConfig(options: NatsConfigOptions = {}): NatsConfig {
  const { backend = 'nats', limits, checkMs = 10_000, ...natsOptions } = options;
  const allLimits: SnapshotLimits = { maxKeys: 10_000, maxLength: 8_388_608, ...limits };
  let client: NatsClient | undefined;
  let logger: Logger = silentLogger;

  const buckets = new SharedBuckets(async (bucket: string): Promise<ConfigSource | undefined> => {
    if (client === undefined) throw notRunning();
    try {
      return await FollowedBucket.open({ client, bucket, limits: allLimits, checkMs, logger });
    } catch (error) {
      if (NatsFailure.from(error).kind === 'not-found') return undefined;
      throw openError(bucket, error);
    }
  });

  return {
    name: backend,
    supports: { changes: true },
    get openBuckets() {
      return buckets.size;
    },
    async start(context, { signal }) {
      signal.throwIfAborted();
      logger = context.logger;
      client = await orAborted(connectNats(context, natsOptions), signal);
    },
    async open(place, { signal }) {
      signal.throwIfAborted();
      if (client === undefined) throw notRunning();
      const bucket = bucketName(place);
      return bucket === undefined ? undefined : buckets.use(bucket, signal);
    },
    async stop() {
      client = undefined;
    },
  };
}

function notRunning(): HostError {
  return new HostError('ERR_HOST_STATE', 'The config backend is not running; open places between start and stop.');
}
