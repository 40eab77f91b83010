export type { NatsOptions } from '@lodge-internal/nats';
export { type NatsLogging, type NatsLoggingOptions, natsLogging } from './backend.js';
