export type { NatsOptions } from '@lodge-internal/nats';
export { type NatsMessaging, type NatsMessagingOptions, natsMessaging } from './backend.js';
