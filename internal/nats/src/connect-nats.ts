import type { PluginContext } from '@lodge/core';
import { connect } from '@nats-io/transport-node';
import { checkTlsFiles, connectError } from './connect-error.js';
import { NatsClient } from './nats-client.js';
import { defaultTimeoutMs, describeServers, type NatsOptions, toConnectionOptions } from './nats-options.js';

/** What {@link connectNats} needs of a plugin's context. */
export type ConnectNatsOptions = Pick<PluginContext, 'shared' | 'logger' | 'host'>;

/**
 * The client for these options: one per host for equal options, whichever plugin asks first, closed by the host after the last plugin. A connection
 * that was passed in is used by all who pass the same one and stays open.
 *
 * @throws HostError `ERR_CONFIG_INVALID` when the server refuses the login or cannot be reached, and for options that are wrong;
 *   `ERR_FILE_UNREADABLE` for files that cannot be read
 */
export async function connectNats(context: ConnectNatsOptions, options: NatsOptions = {}): Promise<NatsClient> {
  const { logger } = context;
  const { connection, timeoutMs = defaultTimeoutMs } = options;
  if (connection !== undefined) {
    const { client_id: id, server_id: serverId } = connection.info ?? {};
    const key = `nats:given:${serverId}:${id}:${timeoutMs}`;
    const address = connection.getServer();
    return context.shared(key, async () => new NatsClient({ connection, isOwned: false, timeoutMs, logger, address }));
  }
  return context.shared(`nats:${JSON.stringify(sorted(options))}`, async () => {
    const address = describeServers(options);
    await checkTlsFiles(options);
    const connectionOptions = toConnectionOptions(options, `lodge ${context.host.id}`);
    const opened = await connect(connectionOptions).catch((error: unknown) => {
      throw connectError(address, error);
    });
    logger.log('info', 'connected to NATS', { servers: address });
    return new NatsClient({ connection: opened, isOwned: true, timeoutMs, logger, address });
  });
}

/** Equal options give equal text, in whatever order they were written. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
}
