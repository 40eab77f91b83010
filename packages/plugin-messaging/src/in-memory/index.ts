export { type InMemoryMessaging, type InMemoryMessagingOptions, inMemoryMessaging } from './backend.js';
