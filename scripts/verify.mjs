import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { runProgram } from './processes.mjs';
import { say } from './report.mjs';
import { lastTestResults, runTests, sayFailedTests } from './tests.mjs';
import { runTurbo } from './workspace.mjs';

/** @typedef {import('./tools.mjs').Tools} Tools */

/**
 * Everything CI asks of a change besides its tests.
 *
 * @type {{ name: string, mend: string, run: (tools: Tools) => Promise<number> }[]}
 */
const checks = [
  {
    name: 'format and lint',
    mend: 'npm run format',
    run: (tools) => program(tools, 'biome', ['check', '--error-on-warnings', '.']),
  },
  { name: 'types', mend: 'npm run typecheck', run: checkTypes },
  { name: 'package contents (publint)', mend: 'see the messages above', run: (tools) => tasks(tools, 'publint') },
  { name: 'package types (attw)', mend: 'see the messages above', run: (tools) => tasks(tools, 'attw') },
  {
    name: 'unused files, exports and dependencies (knip)',
    mend: 'remove what is unused',
    run: (tools) => program(tools, 'knip', ['--no-config-hints']),
  },
  { name: 'changesets', mend: 'npm run changeset', run: checkChangesets },
  {
    name: 'lockfile',
    mend: 'remove the tarball and registry addresses from pnpm-lock.yaml',
    run: async () => checkLockfile(),
  },
];

/**
 * Runs what CI runs, to the end, and closes with one line of counts.
 *
 * @param {Tools} tools
 * @param {readonly string[]} args `--after-tests` when `npm test` has just run
 */
export async function verify(tools, args) {
  const testExitCode = args.includes('--after-tests') ? 0 : await runTests(tools, []);
  const results = lastTestResults();
  const failedChecks = [];
  for (const check of checks) {
    say(`checking: ${check.name}`);
    const exitCode = await check.run(tools);
    if (exitCode !== 0) failedChecks.push(check);
  }
  for (const check of failedChecks) say(`failed: ${check.name} (what to do: ${check.mend})`);
  sayFailedTests(results);
  const failures = results.failed + failedChecks.length;
  process.stdout.write(`${results.passed + checks.length - failedChecks.length} passed, ${failures} failed\n`);
  return failures === 0 ? testExitCode : 1;
}

/**
 * Checks the types of every package, and of these scripts.
 *
 * @param {Tools} tools
 */
export async function checkTypes(tools) {
  const exitCodes = [await program(tools, 'tsc', ['--noEmit', '-p', '.']), await tasks(tools, 'typecheck')];
  return Math.max(...exitCodes);
}

/**
 * @param {Tools} tools
 * @param {string} name
 * @param {readonly string[]} args
 */
async function program(tools, name, args) {
  const suffix = process.platform === 'win32' ? '.cmd' : '';
  const { exitCode } = await runProgram(join(root, 'node_modules', '.bin', `${name}${suffix}`), args, {
    cwd: root,
    env: tools.env,
    shell: process.platform === 'win32',
  });
  return exitCode;
}

/**
 * @param {Tools} tools
 * @param {string} name
 */
async function tasks(tools, name) {
  const { exitCode } = await runTurbo(tools, [name, '--continue=always', '--output-logs=errors-only']);
  return exitCode;
}

/**
 * A change against the main branch must say what it means for users. Without a main branch to compare with, as in a
 * shallow or fresh copy, there is nothing to ask.
 *
 * @param {Tools} tools
 */
async function checkChangesets(tools) {
  const git = await runProgram('git', ['merge-base', 'origin/main', 'HEAD'], {
    cwd: root,
    env: tools.env,
    quiet: true,
  }).catch(() => ({ exitCode: 1 }));
  if (git.exitCode !== 0) {
    say('no origin/main to compare with: only the configuration is read');
    JSON.parse(readFileSync(join(root, '.changeset', 'config.json'), 'utf8'));
    return 0;
  }
  return program(tools, 'changeset', ['status', '--since=origin/main']);
}

function checkLockfile() {
  const lines = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8').split('\n');
  const addresses = lines.flatMap((line, index) =>
    /[\s{](tarball|registry):|https?:\/\//.test(line) ? [`pnpm-lock.yaml:${index + 1}: ${line.trim()}`] : [],
  );
  for (const address of addresses) process.stderr.write(`${address}\n`);
  return addresses.length === 0 ? 0 : 1;
}
