import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fixture } from '@lodge-internal/fixtures';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const example = fileURLToPath(new URL('..', import.meta.url));
/** A package manager may have to ask the network for what Lodge's packages depend on. */
const installTimeoutMs = 120_000;

test('the host answers a request in a project that has only the packages it names', {
  timeout: installTimeoutMs,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lodge-custom-host-'));
  try {
    const names = await packagesOf(join(example, 'src/main.ts'));
    const tarballs = await Promise.all(names.map((name) => pack(name, folder)));
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
    await run('npm', ['install', ...quiet, ...tarballs], { cwd: folder });
    await copyFile(join(example, 'src/main.ts'), join(folder, 'main.ts'));
    await writeFile(join(folder, 'hello.wasm'), await fixture('lean'));
    expect(await answerOf(folder)).toBe('hello world');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** The packages of ours that a source imports: `@lodge/<name>`. */
async function packagesOf(path: string): Promise<string[]> {
  const source = await readFile(path, 'utf8');
  return [...source.matchAll(/from '(@lodge\/[a-z-]+)'/g)].map(([, name]) => name ?? '');
}

/** Packs a package as it would be published, and answers with the path of the tarball. */
async function pack(name: string, target: string): Promise<string> {
  const { stdout } = await run('pnpm', ['--filter', name, 'pack', '--json', '--pack-destination', target], {
    cwd: example,
  });
  const { filename }: { filename: string } = JSON.parse(stdout);
  return filename;
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
