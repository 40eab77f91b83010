import { accessSync, constants, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { toolsFolder } from './paths.mjs';
import { runProgram } from './processes.mjs';
import { Failure, say } from './report.mjs';

/**
 * A server that tests start, from Debian's package of the same name.
 *
 * @typedef {{ program: string, folder: string, wanted: string }} TestServer
 */

/** @type {readonly TestServer[]} */
const servers = [
  { program: 'nats-server', folder: 'usr/sbin', wanted: 'nats-server 2.9.10 or newer' },
  { program: 'docker-registry', folder: 'usr/bin', wanted: 'docker-registry 2.8 (the registry of the CNCF)' },
];

/** Where the programs are when {@link ensureTestServers} had to bring them. */
export const testServerFolders = servers.map(unpackedFolder);

/**
 * Makes sure that tests find their servers: those on the path, else those of Debian's packages, unpacked into the tool folder.
 * That needs no root, and unlike an installation it leaves no service behind that starts with the machine.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export async function ensureTestServers(env) {
  for (const server of servers) await ensureServer(server, env);
}

/**
 * @param {TestServer} server
 * @param {NodeJS.ProcessEnv} env
 */
async function ensureServer(server, env) {
  const { program, wanted } = server;
  // Debian keeps servers out of the path of ordinary users.
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/sbin', unpackedFolder(server)];
  if (folders.some((folder) => isProgram(join(folder, program)))) return;
  say(`fetching ${program} for the tests into .tools (there is none on the path)`);
  const problem = await fetchPackage(server, env);
  if (problem === undefined) return;
  throw new Failure(`the tests need ${program}, and Debian's package of it could not be fetched.`, {
    output: problem,
    hint: `Install ${wanted} so that it is on the PATH, then run the same command again.`,
  });
}

/**
 * @param {TestServer} server
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} what went wrong
 */
async function fetchPackage(server, env) {
  const { program, folder } = server;
  const unpacked = join(toolsFolder, program);
  const staging = `${unpacked}.new`;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  /** @param {readonly [string, ...string[]]} command */
  const run = ([name, ...args]) => runQuietly(name, args, { cwd: staging, env });
  try {
    const apt = /** @type {const} */ (['apt-get', '-o', 'APT::Sandbox::User=root']);
    if ((await run([...apt, 'download', program])) !== undefined) {
      // A bare machine has no package lists, or lists of what is no longer there. Own ones need no root.
      for (const name of ['lists/partial', 'cache/archives/partial']) {
        mkdirSync(join(staging, name), { recursive: true });
      }
      const own = /** @type {const} */ ([
        '-o',
        `Dir::State::Lists=${staging}/lists`,
        '-o',
        `Dir::Cache=${staging}/cache`,
      ]);
      const problem = (await run([...apt, ...own, 'update'])) ?? (await run([...apt, ...own, 'download', program]));
      if (problem !== undefined) return problem;
    }
    const archive = readdirSync(staging).find((name) => name.endsWith('.deb'));
    if (archive === undefined) return `apt-get left no package of ${program}`;
    const problem = await run(['dpkg', '-x', archive, 'package']);
    if (problem !== undefined) return problem;
    rmSync(unpacked, { recursive: true, force: true });
    renameSync(join(staging, 'package'), unpacked);
    const isThere = isProgram(join(unpackedFolder(server), program));
    return isThere ? undefined : `Debian's package has no ${folder}/${program}`;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** @param {TestServer} server */
function unpackedFolder({ program, folder }) {
  return join(toolsFolder, program, ...folder.split('/'));
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<string | undefined>} what went wrong
 */
async function runQuietly(command, args, options) {
  const { exitCode, output } = await runProgram(command, args, { ...options, quiet: true }).catch((error) => ({
    exitCode: 1,
    output: String(error),
  }));
  return exitCode === 0 ? undefined : `${command} ${args.join(' ')}\n${output.trimEnd()}`;
}

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
