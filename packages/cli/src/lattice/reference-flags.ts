import type { OptionSpec, OptionValues } from '../command.js';
import { UsageError } from '../usage-error.js';

/** An option of `wash host` that `lodge host` knows and does not have. */
export interface ReferenceFlag {
  readonly value?: string;
  /** The variable that wash reads in its place. */
  readonly variable?: string;
  /** Why a host that was asked for it does not start. Unset: it starts, with {@link note}. */
  readonly refusal?: string;
  /** What is so whether it is given or not. Unset: nothing has to be said. */
  readonly note?: string;
  /** Of a switch, the value that is what Lodge does anyway. */
  readonly harmless?: string;
}

const noSockets = 'components have no sockets of their own here';
const noPlugins = 'host plugins that are components are not there yet';
const noTls = 'HTTP is served without TLS; end TLS in front of it';
const noSuchBound = 'there is no such bound here';

/**
 * What `wash host` and the wasmCloud chart may pass beyond what `lodge host` does. What changes which workloads run, or what they may reach, is refused; bounds and
 * tunings are accepted with a warning.
 */
export const referenceFlags: Readonly<Record<string, ReferenceFlag>> = {
  'tls-cert-path': { value: '<file>', refusal: noTls },
  'tls-key-path': { value: '<file>', refusal: noTls },
  'tls-ca-path': { value: '<file>', refusal: noTls },
  'wasi-webgpu': { refusal: 'there is no wasi:webgpu' },
  'wasi-otel': { refusal: 'there is no wasi:otel' },
  'postgres-url': { value: '<url>', variable: 'WASH_POSTGRES_URL', refusal: 'there is no wasmcloud:postgres' },
  'wasmcloud-nats-url': { value: '<url>', refusal: 'there is no wasmcloud:nats' },
  'wasm-proposal': {
    value: '<name>',
    variable: 'WASH_WASM_PROPOSALS',
    refusal: 'what WebAssembly has is up to V8, and cannot be turned on or off',
  },
  'host-plugin': { value: '<spec>', variable: 'WASH_HOST_PLUGINS', refusal: noPlugins },
  'host-plugin-registry-user': { value: '<name>', variable: 'WASH_HOST_PLUGIN_REGISTRY_USER', refusal: noPlugins },
  'host-plugin-registry-password': {
    value: '<password>',
    variable: 'WASH_HOST_PLUGIN_REGISTRY_PASSWORD',
    refusal: noPlugins,
  },
  'user-config': { value: '<file>', refusal: 'settings come from options and variables only' },
  'deny-private-ranges': {
    harmless: 'false',
    refusal:
      'outgoing HTTP that is allowed may reach private addresses; name the hosts in allowedHosts instead of patterns',
  },
  'deny-special-ranges': {
    harmless: 'true',
    refusal: 'link-local and metadata addresses are denied always',
  },
  'socket-egress': { value: '<count|enforce>' },
  'max-outbound-socket-connections-per-workload': {
    value: '<n>',
    variable: 'WASH_MAX_OUTBOUND_SOCKET_CONNECTIONS_PER_WORKLOAD',
    note: noSockets,
  },
  'max-inbound-socket-connections-per-workload': {
    value: '<n>',
    variable: 'WASH_MAX_INBOUND_SOCKET_CONNECTIONS_PER_WORKLOAD',
    note: noSockets,
  },
  'max-connections': { value: '<n>', variable: 'WASH_MAX_CONNECTIONS', note: noSuchBound },
  'max-http-ingress-connections': { value: '<n>', note: noSuchBound },
  'http-connection-wait': { value: '<time>', variable: 'WASH_HTTP_CONNECTION_WAIT', note: noSuchBound },
  'wasmcloud-messaging-max-in-flight': {
    value: '<n>',
    variable: 'WASH_WASMCLOUD_MESSAGING_MAX_IN_FLIGHT',
    note: noSuchBound,
  },
  'wasmcloud-messaging-max-in-flight-per-component': {
    value: '<n>',
    variable: 'WASH_WASMCLOUD_MESSAGING_MAX_IN_FLIGHT_PER_COMPONENT',
    note: noSuchBound,
  },
};

/** The options behind {@link referenceFlags}, which help does not list. */
export const referenceOptions: Readonly<Record<string, OptionSpec>> = Object.fromEntries(
  Object.entries(referenceFlags).map(([name, { value, refusal, note }]) => [
    name,
    {
      ...(value === undefined ? { isBoolean: true } : { value, isMultiple: true }),
      about: refusal ?? note ?? 'without effect',
      isHidden: true,
    },
  ]),
);

/**
 * Answers with what has to be said of the ones that were given.
 *
 * @throws UsageError for one that Lodge cannot honour.
 */
export function checkReferenceFlags(
  options: OptionValues,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const notes: string[] = [];
  for (const [name, { variable, refusal, note, harmless }] of Object.entries(referenceFlags)) {
    const isVariable = !options.has(name) && variable !== undefined && ![undefined, ''].includes(env[variable]);
    if (!options.has(name) && !isVariable) continue;
    if (harmless !== undefined && options.get(name) === harmless) continue;
    // Never the value: a url may hold a password.
    const shown = isVariable ? variable : `--${name}`;
    if (refusal !== undefined) throw new UsageError(`lodge host does not do ${shown}: ${refusal}.`);
    if (note !== undefined) notes.push(`${shown} has no effect: ${note}`);
  }
  return notes;
}
