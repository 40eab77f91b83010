import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

const program = 'nats-server';

/**
 * The path of `nats-server`: on the path, where Debian has it, or where `scripts/test-servers.mjs` unpacked it.
 *
 * @throws Error that says how to get it
 */
export function findNatsServer(): string {
  const manifest = createRequire(import.meta.url).resolve('@lodge-internal/test-nats/package.json');
  const root = dirname(dirname(dirname(manifest)));
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/sbin',
    join(root, '.tools', program, 'usr', 'sbin'),
  ];
  const found = folders.map((folder) => join(folder, program)).find(isExecutable);
  if (found !== undefined) return found;
  throw new Error('nats-server is missing: run `npm test` in the top folder, which brings it, or install it');
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
