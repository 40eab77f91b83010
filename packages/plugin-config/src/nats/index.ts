export type { NatsOptions } from '@lodge-internal/nats';
export { type NatsConfig, type NatsConfigOptions, natsConfig } from './backend.js';
