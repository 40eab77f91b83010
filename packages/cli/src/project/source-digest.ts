import { createHash, type Hash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Project } from '../config/project.js';
import { UserError } from '../user-error.js';
import { outputPaths } from './build-stamp.js';

/** Folders that never hold a source. */
const skippedFolders: ReadonlySet<string> = new Set(['node_modules', '.git']);

/**
 * A digest over everything the components are made from, by content: the sources, the config file, the command and its
 * environment. Answers `undefined` when the project does not say what its sources are.
 */
export async function digestSources({ folder, configPath, build, components }: Project): Promise<string | undefined> {
  if (build?.sources === undefined) return undefined;
  const hash = createHash('sha256').update(JSON.stringify([build.command, build.env]));
  const outputs = outputPaths(components);
  for (const source of [configPath, ...build.sources]) await addPath(hash, folder, source, outputs);
  return hash.digest('hex');
}

async function addPath(hash: Hash, folder: string, path: string, outputs: ReadonlySet<string>): Promise<void> {
  if (outputs.has(path)) return;
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) throw new UserError(`the source ${path} does not exist: correct build.sources.`);
  if (stats.isDirectory()) {
    const entries = await readdir(path);
    for (const name of entries.sort()) {
      if (!skippedFolders.has(name)) await addPath(hash, folder, join(path, name), outputs);
    }
  } else if (stats.isFile()) {
    const content = await readFile(path);
    hash.update(JSON.stringify([relative(folder, path), content.byteLength])).update(content);
  }
}
