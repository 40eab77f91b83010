import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { Project } from '../config/project.js';

/** Where it is noted what the components of a project were made from: beside the first one. */
export function stampPath([{ path }]: Project['components']): string {
  return `${path}.build.json`;
}

/** What a build leaves, the stamp included. */
export function outputPaths(components: Project['components']): ReadonlySet<string> {
  return new Set([...components.map(({ path }) => path), stampPath(components)]);
}

/** Whether the components are there, whole, and were made from sources with this digest. */
export async function isUpToDate(components: Project['components'], sources: string): Promise<boolean> {
  try {
    const stamp: unknown = JSON.parse(await readFile(stampPath(components), 'utf8'));
    if (typeof stamp !== 'object' || stamp === null) return false;
    if (Reflect.get(stamp, 'sources') !== sources) return false;
    return Reflect.get(stamp, 'component') === (await digestFiles(components));
  } catch {
    // No stamp, a damaged one, or no component: any of them means to build.
    return false;
  }
}

/** Notes what the components were made from. */
export async function writeStamp(components: Project['components'], sources: string): Promise<void> {
  const stamp = { sources, component: await digestFiles(components) };
  await writeFile(stampPath(components), `${JSON.stringify(stamp)}\n`);
}

async function digestFiles(components: Project['components']): Promise<string> {
  const hash = createHash('sha256');
  for (const { path } of components) hash.update(await readFile(path));
  return hash.digest('hex');
}
