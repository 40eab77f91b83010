export { type ConnectNatsOptions, connectNats } from './connect-nats.js';
export { NatsClient } from './nats-client.js';
export { NatsFailure, type NatsFailureKind } from './nats-failure.js';
export type { NatsOptions, NatsTlsOptions } from './nats-options.js';
