import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { root } from './paths.mjs';
import { runProgram } from './processes.mjs';
import { Failure, sayFailure } from './report.mjs';
import { ensureTestServers } from './test-servers.mjs';
import { runTests } from './tests.mjs';
import { describeTools, hasTools, installTools } from './tools.mjs';
import { checkTypes, verify } from './verify.mjs';
import { build, installDependencies, runTurbo } from './workspace.mjs';

/**
 * The door to the checkout: brings the tools that are missing, installs and builds what has changed, and then does what
 * was asked. Runs on Node.js 18 or newer and needs nothing but npm beside it.
 *
 * @typedef {import('./tools.mjs').Tools} Tools
 */

const cli = join(root, 'packages', 'cli', 'bin', 'lodge.js');

/** @type {Record<string, { about: string, run: (tools: Tools, args: readonly string[]) => Promise<number> }>} */
const commands = {
  setup: { about: 'installs tools and dependencies', run: async () => 0 },
  start: {
    about: 'serves examples/http-hello on http://127.0.0.1:8000',
    run: async (tools, args) => {
      await withLock(() => build(tools, { name: 'start', filters: ['@lodge/cli', './examples/http-hello'] }));
      return runNode(tools, [cli, 'dev', 'examples/http-hello', ...args], root);
    },
  },
  lodge: {
    about: "runs the checkout's lodge command",
    run: async (tools, args) => {
      await withLock(() => build(tools, { name: 'cli', filters: ['@lodge/cli'] }));
      return runNode(tools, [cli, ...args], callerFolder());
    },
  },
  bench: {
    about: 'runs the benchmarks',
    run: async (tools, args) => {
      // Without these servers it leaves out what needs one, and says so.
      await withLock(() => ensureTestServers(tools.env)).catch(() => {});
      await withLock(() => build(tools, { name: 'bench', filters: ['@lodge-internal/bench...'] }));
      return runNode(tools, [join(root, 'bench', 'src', 'main.ts'), ...args], root);
    },
  },
  build: { about: 'builds every package', run: (tools, args) => turbo(tools, ['build', ...args]) },
  typecheck: { about: 'checks the types of every package', run: (tools) => checkTypes(tools) },
  test: { about: 'runs every test', run: (tools, args) => runTests(tools, args) },
  verify: { about: 'runs what CI runs', run: (tools, args) => verify(tools, args) },
  exec: {
    about: "runs any program with the checkout's tools on the path",
    run: async (tools, args) => {
      const [command, ...rest] = args;
      if (command === undefined)
        throw new Failure('exec needs a program.', { hint: 'For example: npm run exec -- pnpm outdated' });
      const { exitCode } = await runProgram(command, rest, {
        cwd: callerFolder(),
        env: tools.env,
        interactive: true,
      }).catch((error) => {
        throw new Failure(`${command} could not be started (${error.message}).`);
      });
      return exitCode;
    },
  },
};

/** @param {readonly string[]} argv */
async function main([name = 'help', ...rest]) {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    const lines = Object.entries(commands).map(([key, { about }]) => `  ${key.padEnd(10)} ${about}`);
    throw new Failure(`there is no command "${name}".`, { hint: `Use one of these:\n${lines.join('\n')}` });
  }
  const args = rest[0] === '--' ? rest.slice(1) : rest;
  if (!hasTools()) await withLock(installTools);
  const tools = describeTools();
  // pnpm must also work while the manifests and the lockfile disagree, since it is what mends that.
  const isPnpm = name === 'exec' && args[0] === 'pnpm';
  if (!isPnpm) await withLock(() => installDependencies(tools));
  return command.run(tools, args);
}

/**
 * @param {Tools} tools
 * @param {readonly string[]} args
 */
async function turbo(tools, args) {
  const { exitCode } = await runTurbo(tools, args);
  return exitCode;
}

/**
 * @param {Tools} tools
 * @param {readonly string[]} args
 * @param {string} cwd
 */
async function runNode(tools, args, cwd) {
  if (!existsSync(String(args[0]))) {
    throw new Failure(`${args[0]} is missing although the build succeeded.`, {
      hint: 'Delete .tools and .turbo, then run the same command again.',
    });
  }
  const { exitCode } = await runProgram(tools.node, args, { cwd, env: tools.env, interactive: true });
  return exitCode;
}

/** npm changes to the top of the checkout; relative paths mean the folder that the caller stands in. */
function callerFolder() {
  return (process.env['npm_lifecycle_event'] && process.env['INIT_CWD']) || process.cwd();
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  sayFailure(error);
  // Whoever reads the counts of `verify` also reads them when it could not even begin.
  if (process.argv[2] === 'verify') process.stdout.write('0 passed, 1 failed\n');
  process.exitCode = error instanceof Failure ? error.exitCode : 1;
}
