export { type ConnectNatsOptions, connectNats } from './connect-nats.js';
export { NatsClient } from './nats-client.js';
export { NatsFailure, type NatsFailureKind } from './nats-failure.js';
export { describeServers, type NatsOptions, type NatsTlsOptions, toConnectionOptions } from './nats-options.js';
export { Violations } from './violations.js';
