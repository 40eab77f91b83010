import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The folder of the example. */
export const example: string = fileURLToPath(new URL('..', import.meta.url));

/** A project in an empty folder outside of the workspace. */
export interface Project extends AsyncDisposable {
  readonly folder: string;
  /** Runs `node` in it and answers with what it prints. @throws Error with the output when it fails */
  node(...args: readonly string[]): Promise<string>;
}

/** Makes a project of these files, with packages of ours as a registry would get them. */
export async function createProject(files: ReadonlyMap<string, string>, packages: readonly string[]): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'lodge-third-party-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    const tarballs = await Promise.all(packages.map((name) => pack(name, folder)));
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
    await run('npm', ['install', ...quiet, ...tarballs], { cwd: folder });
    for (const [path, text] of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    folder,
    async node(...args) {
      // Away from what the test runner itself puts into the environment.
      const { stdout } = await run(process.execPath, args, { cwd: folder, env: { PATH: process.env['PATH'] } });
      return stdout;
    },
    [Symbol.asyncDispose]: remove,
  };
}

/** The files that a page of `docs/` tells the reader to write. */
export async function filesOfPage(page: string): Promise<Map<string, string>> {
  const text = await readPage(page);
  const blocks = text.matchAll(/^\*\*`([^`]+)`\*\*\n\n```\w+\n([\s\S]*?)^```$/gm);
  return new Map([...blocks].map(([, path = '', content = '']) => [path, content]));
}

export function readPage(page: string): Promise<string> {
  return readFile(join(example, '../../docs', page), 'utf8');
}

/** Packs a package as it would be published, and answers with the path of the tarball. */
async function pack(name: string, target: string): Promise<string> {
  const { stdout } = await run('pnpm', ['--filter', name, 'pack', '--json', '--pack-destination', target], {
    cwd: example,
  });
  const { filename }: { filename: string } = JSON.parse(stdout);
  return filename;
}
