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
});
