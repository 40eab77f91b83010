export { type NatsKeyValueOptions, natsKeyValue } from './backend.js';
