import type { CommandSpec, OptionSpec } from './command.js';

const http: OptionSpec = {
  value: '<address>',
  about: 'host and port to serve HTTP on (default 127.0.0.1:8000; port 0: any free one)',
};

const nats: OptionSpec = {
  value: '<url>',
  about: 'the NATS server where components store, publish and log (default: in memory; also: LODGE_NATS_URL)',
};

/** Every command there is. Help is made from this table, and the command line is checked against it. */
export const commands: Readonly<Record<string, CommandSpec>> = {
  run: {
    usage: '<component.wasm> [-- args]',
    about: 'serve a component (HTTP, messages, changes of keys), or run a command',
    positionals: { min: 1, max: 1 },
    takesRest: true,
    options: {
      http,
      nats,
      env: { value: '<NAME=value>', isMultiple: true, about: 'an environment variable of the component; repeatable' },
      config: { value: '<key=value>', isMultiple: true, about: 'a value of wasi:config; repeatable' },
      'allow-host': {
        value: '<host[:port]>',
        isMultiple: true,
        about: 'a host that outgoing HTTP may reach, such as api.example.com or *; repeatable',
      },
      pool: { value: '<n>', about: 'instances to keep warm (default 0: new state for every request)' },
    },
    examples: ['lodge run hello.wasm', 'lodge run tool.wasm --env LANG=C -- --flag file'],
    load: () => import('./commands/run.js'),
  },
  dev: {
    usage: '[folder]',
    about: 'build and serve a project, and again after each change of its sources',
    positionals: { min: 0, max: 1 },
    options: { http, nats },
    examples: [
      'lodge dev',
      'lodge dev examples/http-hello --http 127.0.0.1:9000',
      'lodge dev --nats nats://127.0.0.1:4222',
    ],
    load: () => import('./commands/dev.js'),
  },
  build: {
    usage: '[folder]',
    about: 'build the component of a project',
    positionals: { min: 0, max: 1 },
    options: { force: { about: 'build although no source has changed' } },
    examples: ['lodge build'],
    load: () => import('./commands/build.js'),
  },
  inspect: {
    usage: '<component.wasm | folder>',
    about: 'show the world of a component, its sizes, and which package serves each import',
    positionals: { min: 1, max: 1 },
    options: {},
    examples: ['lodge inspect hello.wasm -o json'],
    load: () => import('./commands/inspect.js'),
  },
};
