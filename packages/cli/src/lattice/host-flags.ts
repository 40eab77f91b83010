import type { OptionSpec } from '../command.js';
import { interruptionFlag } from '../host/interruption.js';
import { natsFlags } from '../nats/nats-flags.js';
import { referenceOptions } from './reference-flags.js';

/** The options of `lodge host`. Those that `wash host` has too have its names and defaults. */
export const hostFlags: Readonly<Record<string, OptionSpec>> = {
  'host-group': { value: '<name>', about: 'the label by which schedulers choose hosts (default: default)' },
  label: { value: '<key=value>', isMultiple: true, about: 'another label; repeatable' },
  'host-name': {
    value: '<name>',
    about: 'the name or address under which this host is reached (default: that of the machine)',
  },
  environment: { value: '<name>', about: 'told to schedulers as it is (also: WASMCLOUD_HOST_ENVIRONMENT)' },
  'scheduler-nats-url': {
    value: '<url>',
    about: 'where the scheduler is (default: nats://localhost:4222; also: LODGE_SCHEDULER_NATS_URL)',
  },
  ...natsFlags('scheduler-nats'),
  'data-nats-url': {
    value: '<url>',
    about: 'where components store, publish and log (default: nats://localhost:4222; also: LODGE_DATA_NATS_URL)',
  },
  ...natsFlags('data-nats'),
  'nats-connect-timeout': {
    value: '<time>',
    about: 'how long to wait for NATS at the start (default: as long as it takes)',
  },
  'heartbeat-interval': { value: '<time>', about: 'between two heartbeats, at most 30s (default: 15s)' },
  'http-addr': { value: '<address>', about: 'where workloads are served by their Host header (default: nowhere)' },
  'http-client-ca-path': {
    value: '<file>',
    isMultiple: true,
    about: 'PEM certificates that outgoing HTTPS trusts besides; repeatable (also: WASH_HTTP_CLIENT_CA_PATHS)',
  },
  'http-client-trust-roots': {
    value: '<roots>',
    about: 'webpki, native or webpki-and-native (default: webpki, the roots that come with Node.js)',
  },
  'max-outbound-http-connections-per-workload': {
    value: '<n>',
    about: 'connections of one workload to one origin (default: 128)',
  },
  'allow-host-loopback': { isBoolean: true, about: 'patterns in allowedHosts reach this machine, too' },
  'allow-insecure-registries': { isBoolean: true, about: 'registries are asked over plain HTTP' },
  'oci-ca-path': {
    value: '<file>',
    isMultiple: true,
    about: 'PEM certificates that registries are trusted by besides; repeatable (also: WASH_OCI_CA_PATHS)',
  },
  'oci-cache-dir': { value: '<folder>', about: 'where pulled components are kept (default: nowhere)' },
  'oci-cache-size': { value: '<MiB>', about: 'what that folder may hold (default: 1024)' },
  'max-guest-memory': { value: '<MiB>', about: 'linear memory of all guests together (default: no bound)' },
  'keep-grown-memories': {
    isBoolean: true,
    about: 'make instances new in place although their memory has grown: faster, and a guest can tell',
  },
  interruption: interruptionFlag,
  'registry-pull-timeout': { value: '<time>', about: 'for one pull (default: 30s)' },
  'health-addr': { value: '<address>', about: 'where /livez and /readyz are (default: nowhere)' },
  'probe-addr': { value: '<address>', about: 'the same as --health-addr', isHidden: true },
  'grace-period': { value: '<time>', about: 'from the first signal to the end, at most (default: 25s)' },
  'drain-delay': {
    value: '<time>',
    about: 'how long to go on serving after the first signal, not ready any more (default: 0s)',
  },
  'log-level': { short: 'l', value: '<level>', about: 'trace, debug, info, warn or error (default: info)' },
  ...referenceOptions,
};
