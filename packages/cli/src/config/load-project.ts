import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HostError } from '@lodge/core';
import { unreadable } from '../component-file.js';
import type { Project } from './project.js';

/** In order of preference. */
const lodgeConfigNames = ['lodge.config.ts', 'lodge.config.mts', 'lodge.config.js', 'lodge.config.mjs'];

/** Where wasmCloud's `wash` keeps the configuration of a project. */
const washConfigName = '.wash/config.yaml';

/**
 * Finds and reads the configuration of the project in `folder`: `lodge.config.ts` first, then `.wash/config.yaml`.
 *
 * @throws HostError `ERR_FILE_UNREADABLE` | `ERR_CONFIG_INVALID`.
 */
export async function loadProject(folder: string): Promise<Project> {
  const stats = await stat(folder).catch((error: unknown) => {
    throw unreadable(folder, error);
  });
  if (!stats.isDirectory()) {
    throw new HostError('ERR_FILE_UNREADABLE', `${folder} is a file: name the folder of a project.`, {
      details: { path: folder },
    });
  }
  // Loaded on demand: YAML and its schema cost start-up time that a lodge.config.ts does not need, and the other way round.
  for (const name of lodgeConfigNames) {
    if (await isFile(join(folder, name)))
      return (await import('./lodge-config.js')).loadLodgeConfig(join(folder, name));
  }
  if (await isFile(join(folder, washConfigName))) {
    return (await import('./wash-config.js')).loadWashConfig(join(folder, washConfigName));
  }
  throw new HostError(
    'ERR_FILE_UNREADABLE',
    `${folder} is not a project: it has neither lodge.config.ts nor ${washConfigName}.`,
    { details: { path: folder } },
  );
}

async function isFile(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() ?? false;
}
