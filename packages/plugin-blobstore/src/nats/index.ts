export { type NatsBlobstoreOptions, natsBlobstore } from './backend.js';
