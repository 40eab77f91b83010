import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A project in an empty folder outside of the workspace, until it is disposed. */
export interface Project extends AsyncDisposable {
  readonly folder: string;
  /** Runs `node` in it and answers with what it prints. @throws Error with the output when it fails */
  node(...args: readonly string[]): Promise<string>;
}

/**
 * Makes a project of these files with packages of ours as a registry would get them, and nothing else but what those depend on. No
 * registry is asked: what comes from elsewhere is linked from where the workspace has it.
 *
 * @param packages names of ours, such as `@lodge/core`
 * @param workspacePackage the folder of a package of the workspace in whose `node_modules` they are
 */
export async function createProject(
  files: ReadonlyMap<string, string | Uint8Array>,
  packages: readonly string[],
  workspacePackage: string,
): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'lodge-project-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    const parts = await Promise.all(
      packages.map((name) => partsOf(join(workspacePackage, 'node_modules', name), folder)),
    );
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--offline', '--loglevel=error'];
    await run('npm', ['install', ...quiet, ...new Set(parts.flat())], { cwd: folder });
    for (const [path, content] of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
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

/** What to install for a package of ours: its tarball, made in `target`, and the folders of what it depends on from elsewhere. */
async function partsOf(path: string, target: string): Promise<string[]> {
  const own = await realpath(path);
  const manifest: { dependencies?: Readonly<Record<string, string>> } = JSON.parse(
    await readFile(join(own, 'package.json'), 'utf8'),
  );
  const { stdout } = await run('pnpm', ['pack', '--json', '--pack-destination', target], { cwd: own });
  const { filename }: { filename: string } = JSON.parse(stdout);
  const foreign = Object.keys(manifest.dependencies ?? {}).filter((name) => !name.startsWith('@lodge/'));
  return [filename, ...(await Promise.all(foreign.map((name) => realpath(join(own, 'node_modules', name)))))];
}
