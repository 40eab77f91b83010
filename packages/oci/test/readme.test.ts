import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startRegistry } from '@lodge-internal/test-registry';
import { expect, test } from 'vitest';
import { someComponent } from './support/artifacts.js';
import { temporaryFolder } from './support/folders.js';

test('the example of the README runs', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'hello.wasm'), someComponent(1234));
  await using registry = await startRegistry();
  const root = fileURLToPath(new URL('..', import.meta.url));
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const [, example = ''] = /```ts\n(.*?)```/s.exec(readme) ?? [];
  const source = example
    .replaceAll('localhost:5000', registry.host)
    .replaceAll('hello.wasm', join(folder, 'hello.wasm'))
    .replaceAll('.cache/components', join(folder, 'cache'));
  const args = ['--input-type=module', '-e', source];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  expect(output).toBe('application/wasm 1234\n');
});
