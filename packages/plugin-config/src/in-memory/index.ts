export { type InMemoryConfig, type InMemoryConfigOptions, type InMemoryStore, inMemoryConfig } from './backend.js';
