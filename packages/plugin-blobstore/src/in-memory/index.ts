export { type InMemoryBlobstore, type InMemoryBlobstoreOptions, inMemoryBlobstore } from './backend.js';
