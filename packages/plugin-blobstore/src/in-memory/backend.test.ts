import { describe, test } from 'vitest';
import { testBlobstoreBackend } from '../conformance/index.js';
import { type InMemoryBlobstore, inMemoryBlobstore } from './backend.js';

testBlobstoreBackend(
  { describe, test },
  {
    create: () => inMemoryBlobstore(),
    createLimited: () => inMemoryBlobstore({ maxTotalBytes: 1_000_000 }),
    storedBytes: (backend) => (backend as InMemoryBlobstore).storedBytes,
  },
);
