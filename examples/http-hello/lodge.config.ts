import { defineConfig } from '@lodge/cli/config';

export default defineConfig({
  build: {
    command: 'node prepare-wit.mjs && jco componentize src/hello.ts --wit .cache/wit --out dist/http-hello.wasm',
    componentPath: 'dist/http-hello.wasm',
    sources: ['src', 'wit', 'prepare-wit.mjs', 'package.json'],
  },
});
