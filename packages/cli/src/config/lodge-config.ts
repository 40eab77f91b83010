import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HostError } from '@lodge/core';
import { z } from 'zod';
import type { ComponentConfig, LodgeConfig } from '../config.js';
import { interruptions } from '../host/interruption.js';
import { defaultAddress, isNatsUrl, natsUrlForm, parseAddress } from '../settings.js';
import { describePackageProblem, isServedPackage } from './host-interfaces.js';
import { defaultIdentity, type Project, type ProjectComponent } from './project.js';
import { validate } from './validate.js';

const text = z.string().min(1);
const name = text.max(256);
const pairs = z.record(z.string(), z.string());
const count = z.int().min(0);
const addressMessage = 'write host:port, such as 127.0.0.1:8000';

const component = {
  environment: pairs.exactOptional(),
  config: pairs.exactOptional(),
  allowedHosts: z.array(text).exactOptional(),
  poolSize: count.exactOptional(),
  maxInvocations: count.exactOptional(),
};

const hostInterface = z
  .strictObject({
    namespace: text,
    package: text,
    interfaces: z.array(text).exactOptional(),
    version: text.exactOptional(),
    config: pairs.exactOptional(),
    name: text.exactOptional(),
  })
  .refine(isServedPackage, { error: ({ input }) => describePackageProblem(input), path: ['package'] });

const siblings = z
  .array(z.strictObject({ name: text, componentPath: text, ...component }))
  .refine((list) => new Set(['component', ...list.map(({ name }) => name)]).size === list.length + 1, {
    error: "each component needs a name of its own, other than 'component'",
  });

const schema: z.ZodType<LodgeConfig> = z.strictObject({
  build: z.strictObject({
    command: text.exactOptional(),
    componentPath: text,
    sources: z.array(text).min(1).exactOptional(),
    env: pairs.exactOptional(),
  }),
  dev: z
    .strictObject({
      http: z
        .string()
        .refine((value) => parseAddress(value) !== undefined, addressMessage)
        .exactOptional(),
      interruption: z.enum(interruptions, { error: `write ${interruptions.join(', ')}` }).exactOptional(),
    })
    .exactOptional(),
  nats: z.strictObject({ url: z.string().refine(isNatsUrl, { error: `write ${natsUrlForm}` }) }).exactOptional(),
  workload: z
    .strictObject({
      ...component,
      name: name.exactOptional(),
      namespace: name.exactOptional(),
      hostInterfaces: z.array(hostInterface).exactOptional(),
      components: siblings.exactOptional(),
    })
    .exactOptional(),
});

/**
 * Reads a `lodge.config.ts`. It is a program: it runs with the rights of the user.
 *
 * @throws HostError `ERR_CONFIG_INVALID`.
 */
export async function loadLodgeConfig(path: string): Promise<Project> {
  return toProject(path, validate(path, schema, await importDefault(path)));
}

async function importDefault(path: string): Promise<unknown> {
  const module: unknown = await import(pathToFileURL(path).href).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HostError('ERR_CONFIG_INVALID', `${path} could not be loaded: ${reason}`, {
      cause: error,
      details: { file: path },
    });
  });
  if (typeof module === 'object' && module !== null && 'default' in module) return module.default;
  throw new HostError(
    'ERR_CONFIG_INVALID',
    `${path} has no default export: write export default defineConfig({ … }).`,
    {
      details: { file: path },
    },
  );
}

function toProject(configPath: string, { build, dev, nats, workload = {} }: LodgeConfig): Project {
  const folder = dirname(configPath);
  const { hostInterfaces = [], components = [] } = workload;
  const { componentPath } = build;
  return {
    folder,
    configPath,
    build:
      build.command === undefined
        ? undefined
        : {
            command: build.command,
            env: build.env ?? {},
            sources: build.sources?.map((source) => resolve(folder, source)),
          },
    components: [
      toComponent(folder, { ...workload, name: 'component', componentPath }),
      ...components.map((sibling) => toComponent(folder, sibling)),
    ],
    http: (dev?.http && parseAddress(dev.http)) || defaultAddress,
    interruption: dev?.interruption ?? 'auto',
    natsUrl: nats?.url,
    identity: {
      namespace: workload.namespace ?? defaultIdentity.namespace,
      name: workload.name ?? defaultIdentity.name,
    },
    hostInterfaces: hostInterfaces.map((entry) => ({ ...entry, interfaces: entry.interfaces ?? [] })),
    notes: [],
  };
}

function toComponent(
  folder: string,
  given: ComponentConfig & { readonly name: string; readonly componentPath: string },
): ProjectComponent {
  const { name, componentPath, environment = {}, config = {}, allowedHosts = [], poolSize, maxInvocations } = given;
  return {
    name,
    path: resolve(folder, componentPath),
    resources: { environment, config, allowedHosts },
    poolSize,
    maxInvocations,
  };
}
