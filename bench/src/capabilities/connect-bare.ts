import { connect, type NatsConnection } from '@nats-io/transport-node';

/** A connection of the client library alone, set up as fast as Lodge's own. */
export function connectBare(servers: string): Promise<NatsConnection> {
  return connect({ servers, noAsyncTraces: true });
}
