import { defineConfig } from '@lodge/cli/config';

export default defineConfig({
  build: {
    command: 'node prepare-wit.mjs && jco componentize src/guest-book.ts --wit .cache/wit --out dist/all-five.wasm',
    componentPath: 'dist/all-five.wasm',
    sources: ['src', 'wit', 'prepare-wit.mjs', 'package.json'],
  },
  workload: {
    // What the component may open, publish and hear. Nothing here says where that is kept.
    hostInterfaces: [
      // Unless a store says otherwise.
      { namespace: 'wasi', package: 'config', config: { greeting: 'Welcome to the lodge!' } },
      { namespace: 'wasi', package: 'keyvalue', config: { buckets: 'counts' } },
      { namespace: 'wasi', package: 'blobstore', config: { buckets: 'pages' } },
      {
        namespace: 'wasmcloud',
        package: 'messaging',
        config: { subscriptions: 'guest-book.entry', allowed_publish: 'guest-book.entry' },
      },
    ],
  },
});
