import type { CommandSpec, OptionSpec } from './command.js';
import { interruptionFlag as interruption } from './host/interruption.js';
import { hostFlags } from './lattice/host-flags.js';
import { schedulerFlags } from './lattice/scheduler-flags.js';
import { workloadFlags } from './lattice/workload-flags.js';
import { natsFlags } from './nats/nats-flags.js';
import { registryFlags } from './registry/registry-flags.js';

const http: OptionSpec = {
  value: '<address>',
  about: 'host and port to serve HTTP on (default 127.0.0.1:8000; port 0: any free one)',
};

const nats: OptionSpec = {
  value: '<url>',
  about: 'the NATS server where components store, publish and log (default: in memory; also: LODGE_NATS_URL)',
};

const host: OptionSpec = { value: '<name>', about: 'the name or id of a host (default: any)' };

const wait: OptionSpec = {
  value: '<time>',
  about: "how long to listen for hosts (default: 1s; for hosts other than Lodge's 16s)",
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
      ...natsFlags('nats'),
      env: { value: '<NAME=value>', isMultiple: true, about: 'an environment variable of the component; repeatable' },
      config: { value: '<key=value>', isMultiple: true, about: 'a value of wasi:config; repeatable' },
      'allow-host': {
        value: '<host[:port]>',
        isMultiple: true,
        about: 'a host that outgoing HTTP may reach, such as api.example.com or *; repeatable',
      },
      pool: { value: '<n>', about: 'instances to keep warm (default 0: new state for every request)' },
      interruption,
    },
    examples: ['lodge run hello.wasm', 'lodge run tool.wasm --env LANG=C -- --flag file'],
    load: () => import('./commands/run.js'),
  },
  dev: {
    usage: '[folder]',
    about: 'build and serve a project, and again after each change of its sources',
    positionals: { min: 0, max: 1 },
    options: { http, nats, ...natsFlags('nats'), interruption },
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
    options: { plan: { about: 'also how the engine runs it: core modules, memories, limits, what may suspend' } },
    examples: ['lodge inspect hello.wasm -o json', 'lodge inspect hello.wasm --plan'],
    load: () => import('./commands/inspect.js'),
  },
  host: {
    usage: '',
    about: 'join a lattice over NATS, and run what a scheduler tells it to',
    positionals: { min: 0, max: 0 },
    options: hostFlags,
    examples: [
      'lodge host --http-addr 127.0.0.1:8000',
      'lodge host --scheduler-nats-url nats://nats:4222 --scheduler-nats-creds host.creds --data-nats-creds guests.creds',
    ],
    load: () => import('./commands/host.js'),
  },
  hosts: {
    usage: '',
    about: 'list the hosts of a lattice',
    positionals: { min: 0, max: 0 },
    options: {
      wait: { value: '<time>', about: "how long to listen (default: 1s; hosts other than Lodge's: 16s)" },
      ...schedulerFlags,
    },
    examples: ['lodge hosts', 'lodge hosts --wait 16s -o json'],
    load: () => import('./commands/hosts.js'),
  },
  'workload start': {
    usage: '[component reference]',
    about: 'start a component, or what a manifest describes, on a host of a lattice',
    positionals: { min: 0, max: 1 },
    options: {
      file: { short: 'f', value: '<manifest>', about: 'a Workload, WorkloadReplicaSet or WorkloadDeployment in YAML' },
      host,
      id: { value: '<id>', about: 'the id of the workload (default: a random one)' },
      ...workloadFlags,
      wait: { value: '<time>', about: 'how long to look for a host that fits (default: 16s)' },
      timeout: { value: '<time>', about: 'how long one start may take (default: 60s)' },
      ...schedulerFlags,
    },
    examples: [
      'lodge workload start registry.example/acme/hello:1.0.0 --http-host hello.example.com',
      'lodge workload start -f workloaddeployment.yaml',
    ],
    load: () => import('./commands/workload-start.js'),
  },
  'workload status': {
    usage: '<workload id>',
    about: 'show where a workload stands',
    positionals: { min: 1, max: 1 },
    options: { host, wait, ...schedulerFlags },
    examples: ['lodge workload status 5f0c… -o json'],
    load: () => import('./commands/workload-status.js'),
  },
  'workload stop': {
    usage: '<workload id>',
    about: 'end a workload, and free its id',
    positionals: { min: 1, max: 1 },
    options: { host, wait, ...schedulerFlags },
    examples: ['lodge workload stop 5f0c…'],
    load: () => import('./commands/workload-stop.js'),
  },
  push: {
    usage: '<reference> <component.wasm>',
    about: 'store a component in a registry',
    positionals: { min: 2, max: 2 },
    options: registryFlags,
    examples: ['lodge push registry.example/acme/hello:1.0.0 hello.wasm'],
    load: () => import('./commands/push.js'),
  },
  pull: {
    usage: '<reference> [component.wasm]',
    about: 'fetch a component from a registry',
    positionals: { min: 1, max: 2 },
    options: registryFlags,
    examples: ['lodge pull registry.example/acme/hello:1.0.0 hello.wasm'],
    load: () => import('./commands/pull.js'),
  },
};
