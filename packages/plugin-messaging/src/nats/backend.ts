import { HostError, type PluginContext } from '@lodge/core';
import { connectNats, type NatsClient, type NatsOptions } from '@lodge-internal/nats';
import { orAborted } from '../abort.js';
import type { MessagingBackend, MessagingSession } from '../backend.js';
import { NatsSession } from './session.js';
import { natsConfigKeys, parseNatsSettings } from './settings.js';

/** Options of {@link natsMessaging}. */
export interface NatsMessagingOptions extends NatsOptions {
  /** What `backend` in a workload's config calls it: for hosts with several. @default 'nats' */
  readonly backend?: string;
}

/** The backend that {@link natsMessaging} makes. */
export interface NatsMessaging extends MessagingBackend {
  /** Sessions, their subscriptions and requests that are open. */
  readonly held: number;
}

/**
 * Messages over NATS: core NATS, at most once, or streams, at least once, as each entry says with `mode`. An entry's `url` leads to another
 * server, where the login of these options is not used.
 */
export function natsMessaging(options: NatsMessagingOptions = {}): NatsMessaging {
  const { backend = 'nats', ...natsOptions } = options;
  const sessions = new Set<NatsSession>();
  let context: PluginContext | undefined;
  let client: NatsClient | undefined;

  return {
    name: backend,
    configKeys: natsConfigKeys,
    get held() {
      let count = 0;
      for (const session of sessions) count += session.held;
      return count;
    },
    async start(given, { signal }) {
      signal.throwIfAborted();
      client = await orAborted(connectNats(given, natsOptions), signal);
      context = given;
    },
    async open({ config, path, workload }, { signal }): Promise<MessagingSession> {
      signal.throwIfAborted();
      const settings = parseNatsSettings(config, path);
      if (context === undefined || client === undefined) throw notRunning();
      const { url } = settings;
      const { name, timeoutMs } = natsOptions;
      const other = { url, ...(name !== undefined && { name }), ...(timeoutMs !== undefined && { timeoutMs }) };
      const session = new NatsSession({
        client: url === undefined ? client : await orAborted(connectNats(context, { ...other, url }), signal),
        jetStream: settings.jetStream,
        workloadId: workload.id,
        path,
        logger: context.logger,
        onClosed: () => sessions.delete(session),
      });
      sessions.add(session);
      return session;
    },
    async stop() {
      client = undefined;
      context = undefined;
    },
  };
}

function notRunning(): HostError {
  return new HostError('ERR_HOST_STATE', 'The messaging backend is not running; open sessions between start and stop.');
}
