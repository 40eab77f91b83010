import { defineConfig } from '@lodge/cli/config';

export default defineConfig({
  build: {
    command:
      'node prepare-wit.mjs && jco componentize src/counter.ts --wit .cache/wit --out dist/keyvalue-counter.wasm',
    componentPath: 'dist/keyvalue-counter.wasm',
    sources: ['src', 'wit', 'prepare-wit.mjs', 'package.json'],
  },
  workload: {
    // The one bucket that the component may open.
    hostInterfaces: [{ namespace: 'wasi', package: 'keyvalue', config: { buckets: 'visits' } }],
  },
});
