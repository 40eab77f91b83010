import { defineConfig } from '@lodge/cli/config';

const options = '--wit .cache/wit --out dist/';

export default defineConfig({
  build: {
    command: [
      'node prepare-wit.mjs && mkdir -p dist',
      `jco componentize src/gateway.ts ${options}gateway.wasm --world-name gateway`,
      `jco componentize src/worker.ts ${options}worker.wasm --world-name worker --disable all`,
    ].join(' && '),
    componentPath: 'dist/gateway.wasm',
    sources: ['src/gateway.ts', 'src/worker.ts', 'wit', 'prepare-wit.mjs', 'package.json'],
  },
  workload: {
    name: 'messaging-pair',
    // Each component may send no more than it has to, and hears only what it is told to listen to.
    config: { allowed_publish: 'tasks.>' },
    components: [
      {
        name: 'worker',
        componentPath: 'dist/worker.wasm',
        // Nowhere, but an answer may go to whoever asks.
        config: { subscriptions: 'tasks.>', allowed_publish: '' },
      },
    ],
  },
});
