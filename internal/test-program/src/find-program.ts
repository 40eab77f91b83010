import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

/**
 * The path of a program that tests need: on the path, where Debian has it, or where `scripts/test-servers.mjs` unpacked it.
 *
 * @throws Error that says how to get it
 */
export function findProgram(name: string): string {
  const manifest = createRequire(import.meta.url).resolve('@lodge-internal/test-program/package.json');
  const unpacked = join(dirname(dirname(dirname(manifest))), '.tools', name, 'usr');
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/sbin',
    join(unpacked, 'sbin'),
    join(unpacked, 'bin'),
  ];
  const found = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(`${name} is missing: run \`npm test\` in the top folder, which brings it, or install it`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
