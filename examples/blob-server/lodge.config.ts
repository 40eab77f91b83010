import { defineConfig } from '@lodge/cli/config';

export default defineConfig({
  build: {
    command: 'node prepare-wit.mjs && jco componentize src/server.ts --wit .cache/wit --out dist/blob-server.wasm',
    componentPath: 'dist/blob-server.wasm',
    sources: ['src', 'wit', 'prepare-wit.mjs', 'package.json'],
  },
  workload: {
    // The one container that the component may use.
    hostInterfaces: [{ namespace: 'wasi', package: 'blobstore', config: { buckets: 'files' } }],
  },
});
