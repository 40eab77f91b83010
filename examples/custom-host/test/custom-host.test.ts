import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fixture } from '@lodge-internal/fixtures';
import { createProject } from '@lodge-internal/test-project';
import { expect, test } from 'vitest';

const example = fileURLToPath(new URL('..', import.meta.url));
/** Packing and installing is the work of other programs, on a machine that may be busy. */
const timeout = 120_000;

test('the host answers a request in a project that has only the packages it names', { timeout }, async () => {
  const main = await readFile(join(example, 'src/main.ts'), 'utf8');
  const files = new Map<string, string | Uint8Array>([
    ['main.ts', main],
    ['hello.wasm', await fixture('lean')],
  ]);
  await using project = await createProject(files, packagesOf(main), example);
  expect(await answerOf(project.folder)).toBe('hello world');
});

/** The packages of ours that a source imports: `@lodge/<name>`. */
function packagesOf(source: string): string[] {
  return [...source.matchAll(/from '(@lodge\/[a-z-]+)'/g)].map(([, name]) => name ?? '');
}

/** Starts the host in `folder`, asks it once, and ends it. */
async function answerOf(folder: string): Promise<string> {
  const host = spawn(process.execPath, ['main.ts', 'hello.wasm'], {
    cwd: folder,
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(host, 'close');
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let output = '';
      const collect = (chunk: Buffer) => {
        output += chunk;
        const [, port] = /state: 'running'[\s\S]*port: (\d+)/.exec(output) ?? [];
        if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
      };
      host.stdout.on('data', collect);
      host.stderr.on('data', collect);
      host.once('close', () => reject(new Error(`the host ended:\n${output}`)));
    });
    return await (await fetch(url)).text();
  } finally {
    host.kill('SIGKILL');
    await closed;
  }
}
