export { type InMemoryKeyValueOptions, inMemoryKeyValue } from './backend.js';
