import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

const program = 'docker-registry';

/**
 * The path of `docker-registry`: on the path, or where `scripts/test-servers.mjs` unpacked it.
 *
 * @throws Error that says how to get it
 */
export function findRegistry(): string {
  const manifest = createRequire(import.meta.url).resolve('@lodge-internal/test-registry/package.json');
  const root = dirname(dirname(dirname(manifest)));
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(root, '.tools', program, 'usr', 'bin')];
  const found = folders.map((folder) => join(folder, program)).find(isExecutable);
  if (found !== undefined) return found;
  throw new Error('docker-registry is missing: run `npm test` in the top folder, which brings it, or install it');
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
