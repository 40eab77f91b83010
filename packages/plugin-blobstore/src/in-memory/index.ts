export { type InMemoryBlobstoreOptions, inMemoryBlobstore } from './backend.js';
