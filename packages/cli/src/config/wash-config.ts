import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { HostError } from '@lodge/core';
import { parse } from 'yaml';
import { z } from 'zod';
import { defaultAddress, isNatsUrl, natsUrlForm, parseAddress } from '../settings.js';
import { defaultIdentity, type Project } from './project.js';
import { validate } from './validate.js';

const text = z.string().min(1);
const pairs = z.record(z.string(), z.string());
/** A key that wash knows and Lodge does not use: accepted, and named in a note. */
const unused = z.unknown().optional();

const devKeysUnused = [
  'service',
  'service_file',
  'service_image',
  'service_pull_policy',
  'service_ports',
  'allow_insecure_registries',
  'host_plugins',
  'volumes',
  'environment',
  'tls_cert_path',
  'tls_key_path',
  'tls_ca_path',
  'http_client_ca_paths',
  'http_client_trust_roots',
  'max_connections',
  'max_outbound_http_connections_per_workload',
  'max_outbound_socket_connections_per_workload',
  'max_inbound_socket_connections_per_workload',
  'http_connection_wait',
  'wasi_webgpu',
  'wasi_otel',
  'wasm_proposals',
  'wasi_keyvalue_redis_url',
  'wasi_keyvalue_nats_url',
  'wasi_keyvalue_path',
  'wasi_blobstore_path',
  'postgres_url',
] as const;

const hostInterface = z.strictObject({
  namespace: text,
  package: text,
  interfaces: z.array(text).default([]),
  version: text.exactOptional(),
  config: pairs.exactOptional(),
  name: text.exactOptional(),
});

const environment = z.strictObject({ config: pairs.optional(), configFrom: unused, secretFrom: unused });

const sidecar = z.strictObject({
  name: text,
  image: z.undefined({ error: 'lodge dev fetches nothing: name a file, which lodge pull brings' }).optional(),
  file: text,
  pullPolicy: unused,
  environment: environment.optional(),
  config: pairs.optional(),
  allowedHosts: z.array(text).optional(),
  allowedIpNameLookups: unused,
  allowedHostLoopbackPorts: unused,
  poolSize: z.int().optional(),
  maxInvocations: z.int().optional(),
  maxConcurrency: unused,
});

const sidecars = z
  .array(sidecar)
  .refine((list) => new Set(['component', ...list.map(({ name }) => name)]).size === list.length + 1, {
    error: "each component needs a name of its own, other than 'component'",
  });

const schema = z.strictObject({
  version: text.optional(),
  new: unused,
  build: z.strictObject({ command: text, env: pairs.optional(), component_path: text.optional() }),
  wit: unused,
  workload: z
    .strictObject({
      environment: environment.optional(),
      config: pairs.optional(),
      allowedHosts: z.array(text).optional(),
      allowedIpNameLookups: unused,
      allowedHostLoopbackPorts: unused,
    })
    .optional(),
  configs: unused,
  secrets: unused,
  host: unused,
  dev: z
    .strictObject({
      command: text.optional(),
      component_path: text.optional(),
      address: z
        .string()
        .refine((value) => parseAddress(value) !== undefined, 'write host:port, such as 127.0.0.1:8000')
        .optional(),
      data_nats_url: z
        .string()
        .refine(isNatsUrl, { error: `write ${natsUrlForm}` })
        .optional(),
      host_interfaces: z.array(hostInterface).optional(),
      components: sidecars.optional(),
      ...Object.fromEntries(devKeysUnused.map((key) => [key, unused])),
    })
    .optional(),
});

/**
 * Reads a `.wash/config.yaml` as it is. Keys that Lodge does not use yet are named in a note; unknown keys are errors.
 *
 * @throws HostError `ERR_CONFIG_INVALID`.
 */
export async function loadWashConfig(path: string): Promise<Project> {
  const content = readYaml(path, await readFile(path, 'utf8'));
  const { build, dev = {}, workload } = validate(path, schema, content);
  const folder = dirname(dirname(path));
  // A build that is silent about the place leaves the component beside the folder's name.
  const componentPath = resolve(folder, dev.component_path ?? build.component_path ?? `${basename(folder)}.wasm`);
  const resources = {
    environment: workload?.environment?.config ?? {},
    config: workload?.config ?? {},
    // As wash does it: a workload that does not speak of hosts may reach all, no workload none.
    allowedHosts: workload === undefined ? [] : (workload.allowedHosts ?? ['*']),
  };
  return {
    folder,
    configPath: path,
    build: {
      command: dev.command ?? build.command,
      env: { ...build.env, WASH_COMPONENT_PATH: componentPath },
      sources: undefined,
    },
    components: [
      {
        name: 'component',
        path: componentPath,
        resources,
        poolSize: undefined,
        maxInvocations: undefined,
      },
      ...(dev.components ?? []).map((component) => ({
        name: component.name,
        path: resolve(folder, component.file),
        resources: {
          environment: { ...resources.environment, ...component.environment?.config },
          config: { ...resources.config, ...component.config },
          allowedHosts: component.allowedHosts ?? resources.allowedHosts,
        },
        poolSize: component.poolSize,
        maxInvocations: component.maxInvocations,
      })),
    ],
    http: (dev.address && parseAddress(dev.address)) || defaultAddress,
    interruption: 'auto',
    natsUrl: dev.data_nats_url,
    identity: defaultIdentity,
    hostInterfaces: dev.host_interfaces ?? [],
    notes: describeUnused(path, content),
  };
}

function readYaml(path: string, content: string): unknown {
  try {
    // Aliases are bounded: a few lines of YAML can stand for gigabytes.
    return parse(content, { maxAliasCount: 100 });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '').replace(/:$/, '') : String(error);
    throw new HostError('ERR_CONFIG_INVALID', `${path} is not YAML: ${reason}.`, {
      cause: error,
      details: { file: path },
    });
  }
}

function describeUnused(path: string, content: unknown): string[] {
  const top = keysOf(content).filter((key) => ['configs', 'secrets', 'host'].includes(key));
  const dev = keysOf(valueAt(content, 'dev')).filter((key) => (devKeysUnused as readonly string[]).includes(key));
  const workload = valueAt(content, 'workload');
  const grants = keysOf(workload).filter((key) => /^allowed(Ip|HostLoopback)/.test(key));
  const sources = keysOf(valueAt(workload, 'environment')).filter((key) => /From$/.test(key));
  const names = [
    ...top,
    ...grants.map((key) => `workload.${key}`),
    ...sources.map((key) => `workload.environment.${key}`),
    ...dev.map((key) => `dev.${key}`),
  ];
  return names.length === 0 ? [] : [`${path}: Lodge does not use ${names.join(', ')} yet`];
}

function valueAt(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}
