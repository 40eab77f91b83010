import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, toolsFolder } from './paths.mjs';
import { runProgram } from './processes.mjs';
import { Failure, say } from './report.mjs';

/** @typedef {import('./tools.mjs').Tools} Tools */

/** Folders that never hold a source. */
const skippedFolders = new Set(['node_modules', 'dist', 'coverage', '.turbo', '.cache']);

/** The folders of all packages, relative to the top. Follows `pnpm-workspace.yaml`. */
export function packageFolders() {
  const groups = ['packages', 'internal', 'examples'].flatMap((group) =>
    readFolder(join(root, group)).map((entry) => `${group}/${entry.name}`),
  );
  return [...groups, 'bench'].filter((folder) => existsSync(join(root, folder, 'package.json'))).sort();
}

/**
 * Installs the dependencies of the workspace, unless they are those of the last time.
 *
 * @param {Tools} tools
 */
export async function installDependencies(tools) {
  const stamp = stampOf('install', dependencyHash(tools));
  if (stamp.isCurrent()) return;
  say('installing dependencies');
  const { exitCode, output } = await runProgram(
    tools.pnpm,
    ['install', '--frozen-lockfile', '--reporter=append-only'],
    {
      cwd: root,
      // Without a terminal pnpm must not ask whether it may replace a folder.
      env: { ...tools.env, CI: 'true' },
      quiet: true,
    },
  );
  if (exitCode !== 0) {
    const isOutdated = output.includes('ERR_PNPM_OUTDATED_LOCKFILE');
    throw new Failure('pnpm could not install the dependencies.', {
      output,
      hint: isOutdated
        ? 'A package.json has changed: run `npm run exec -- pnpm install` to renew pnpm-lock.yaml, then the same command again.'
        : 'Check the network, then run the same command again. If that does not help, delete node_modules and .tools.',
    });
  }
  stamp.write(['node_modules/.modules.yaml']);
}

/**
 * Builds packages through turbo's cache. `name` keeps apart what different commands build; while no file of the workspace
 * changes, turbo is not even asked.
 *
 * @param {Tools} tools
 * @param {{ name: string, filters: readonly string[] }} options
 */
export async function build(tools, { name, filters }) {
  const stamp = stampOf(`build-${name}`, sourceHash(tools));
  if (stamp.isCurrent()) return;
  say('building');
  const args = ['build', ...filters.map((filter) => `--filter=${filter}`), '--output-logs=errors-only'];
  const { exitCode, output } = await runTurbo(tools, args, { quiet: true });
  if (exitCode !== 0) {
    throw new Failure('the build failed.', {
      output,
      hint: 'Mend what the output above names, then run the same command again.',
    });
  }
  stamp.write(
    packageFolders()
      .map((folder) => `${folder}/dist`)
      .filter((folder) => existsSync(join(root, folder))),
  );
}

/**
 * @param {Tools} tools
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean }} [options]
 */
export function runTurbo(tools, args, { quiet = false } = {}) {
  return runProgram(
    join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'turbo.cmd' : 'turbo'),
    ['run', ...args],
    {
      cwd: root,
      env: tools.env,
      quiet,
      shell: process.platform === 'win32',
    },
  );
}

/** @param {Tools} tools */
function dependencyHash(tools) {
  const hash = createHash('sha256').update(tools.nodeVersion);
  const manifests = packageFolders().map((folder) => `${folder}/package.json`);
  for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests]) {
    hash.update(`\0${file}\0`);
    if (existsSync(join(root, file))) hash.update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

/**
 * A hash over name, size and time of every file that a build may read.
 *
 * @param {Tools} tools
 */
function sourceHash(tools) {
  const hash = createHash('sha256').update(tools.nodeVersion);
  for (const file of ['package.json', 'pnpm-lock.yaml', 'turbo.json']) addFile(hash, file);
  for (const folder of packageFolders()) addFolder(hash, folder);
  return hash.digest('hex');
}

/**
 * @param {import('node:crypto').Hash} hash
 * @param {string} folder
 */
function addFolder(hash, folder) {
  for (const entry of readFolder(join(root, folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!skippedFolders.has(entry.name)) addFolder(hash, path);
    } else {
      addFile(hash, path);
    }
  }
}

/**
 * @param {import('node:crypto').Hash} hash
 * @param {string} path
 */
function addFile(hash, path) {
  const stats = statSync(join(root, path), { throwIfNoEntry: false });
  hash.update(`${path}\0${stats?.size}\0${stats?.mtimeMs}\n`);
}

/** @param {string} folder */
function readFolder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * A note of what a step saw when it last succeeded, and of the folders that it left behind.
 *
 * @param {string} name
 * @param {string} hash what the step sees now
 */
function stampOf(name, hash) {
  const folder = join(toolsFolder, 'stamps');
  const file = join(folder, name);
  return {
    isCurrent: () => {
      if (!existsSync(file)) return false;
      const [seen, ...results] = readFileSync(file, 'utf8').split('\n');
      return seen === hash && results.every((result) => existsSync(join(root, result)));
    },
    /** @param {readonly string[]} results */
    write: (results) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, [hash, ...results].join('\n'));
    },
  };
}
