import { HostError } from '@lodge/core';
import { connectNats, type NatsOptions } from '@lodge-internal/nats';
import type { LoggingBackend } from '../backend.js';
import { Publisher, type PublisherLimits } from './publisher.js';
import { NatsSink } from './sink.js';
import { isSubjectPrefix, logSubject } from './subject.js';

/** Options of {@link natsLogging}. */
export interface NatsLoggingOptions extends NatsOptions {
  /** What `backend` in a workload's config calls it: for hosts with several. @default 'nats' */
  readonly backend?: string;
  /** Records are published on `<prefix>.<namespace>.<workload>`. @default 'lodge.logs' */
  readonly prefix?: string;
  /** Bounds for all workloads together. Unset ones have their defaults. */
  readonly limits?: Partial<PublisherLimits>;
}

/** The backend that {@link natsLogging} makes. */
export interface NatsLogging extends LoggingBackend {
  /** Sinks that are open. */
  readonly openSinks: number;
}

/**
 * Records as JSON objects on a NATS subject per workload, at most once. While the server is away they wait, within bounds; what is lost is told by a
 * record of its own.
 *
 * @throws HostError `ERR_CONFIG_INVALID` for a prefix that is no subject, or a limit that is none.
 */
export function natsLogging(options: NatsLoggingOptions = {}): NatsLogging {
  const { backend = 'nats', prefix = 'lodge.logs', limits, ...natsOptions } = options;
  const { maxPendingBytes = 4_194_304 } = limits ?? {};
  if (!isSubjectPrefix(prefix)) {
    const message = `prefix must be words with dots between them, such as 'lodge.logs', not ${JSON.stringify(prefix)}.`;
    throw new HostError('ERR_CONFIG_INVALID', message, { details: { path: 'prefix' } });
  }
  if (!(maxPendingBytes >= 0)) {
    throw new HostError('ERR_CONFIG_INVALID', 'natsLogging: maxPendingBytes must be a number of bytes, 0 or more.', {
      details: { path: 'limits.maxPendingBytes' },
    });
  }
  let publisher: Publisher | undefined;
  let openSinks = 0;
  return {
    name: backend,
    supports: { buffering: true },
    get openSinks() {
      return openSinks;
    },
    async start(context, { signal }) {
      signal.throwIfAborted();
      const client = await orAborted(connectNats(context, natsOptions), signal);
      publisher = new Publisher(client, { maxPendingBytes }, context.logger);
    },
    async open(workload, { signal }) {
      signal.throwIfAborted();
      if (publisher === undefined) {
        throw new HostError('ERR_HOST_STATE', 'The logging backend is not running; open sinks between start and stop.');
      }
      openSinks += 1;
      return new NatsSink(publisher, logSubject(prefix, workload), () => {
        openSinks -= 1;
      });
    },
    async stop() {
      publisher?.close();
      publisher = undefined;
    },
  };
}

/** `work`, or the reason of `signal` when that comes first; the work then goes on unheard. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    work.catch(() => undefined);
  }
}
