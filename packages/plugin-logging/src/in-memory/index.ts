export { type InMemoryLogging, type InMemoryLoggingOptions, inMemoryLogging } from './backend.js';
