import type { OptionSpec } from '../command.js';

/** What describes a workload of one component on the command line. A manifest says all this, and more. */
export const workloadFlags: Readonly<Record<string, OptionSpec>> = {
  name: { value: '<name>', about: 'of the workload (default: the last part of the reference)' },
  namespace: { value: '<name>', about: 'of the workload (default: default)' },
  'http-host': {
    value: '<name,…>',
    about:
      'the Host header that its HTTP requests have, and further ones after commas; grants wasi:http/incoming-handler',
  },
  interface: {
    value: '<interfaces>',
    isMultiple: true,
    about: 'what it is given: wasi:keyvalue/store,atomics?buckets=visits; repeatable',
  },
  env: { value: '<NAME=value>', isMultiple: true, about: 'an environment variable; repeatable' },
  config: { value: '<key=value>', isMultiple: true, about: 'a value of wasi:config; repeatable' },
  'allow-host': { value: '<host[:port]>', isMultiple: true, about: 'a host that outgoing HTTP may reach; repeatable' },
  pool: { value: '<n>', about: 'instances to keep warm (default 0: new state for every request)' },
  pull: { value: '<policy>', about: 'always, if-not-present or never (default: if-not-present)' },
  replicas: { value: '<n>', about: 'how many of it to start (default: 1)' },
  select: {
    value: '<label=value>',
    isMultiple: true,
    about: 'a label that its host must have, such as hostgroup=edge; repeatable',
  },
};
