import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HostError } from '@lodge/core';
import { z } from 'zod';
import type { LodgeConfig } from '../config.js';
import { defaultAddress, parseAddress } from '../settings.js';
import type { Project } from './project.js';
import { validate } from './validate.js';

const text = z.string().min(1);
const pairs = z.record(z.string(), z.string());
const count = z.int().min(0);
const addressMessage = 'write host:port, such as 127.0.0.1:8000';

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
    })
    .exactOptional(),
  workload: z
    .strictObject({
      environment: pairs.exactOptional(),
      config: pairs.exactOptional(),
      allowedHosts: z.array(text).exactOptional(),
      poolSize: count.exactOptional(),
      maxInvocations: count.exactOptional(),
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

function toProject(configPath: string, { build, dev, workload = {} }: LodgeConfig): Project {
  const folder = dirname(configPath);
  const { environment = {}, config = {}, allowedHosts = [], poolSize, maxInvocations } = workload;
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
    componentPath: resolve(folder, build.componentPath),
    http: (dev?.http && parseAddress(dev.http)) || defaultAddress,
    resources: { environment, config, allowedHosts },
    poolSize,
    maxInvocations,
    notes: [],
  };
}
