import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { withLock } from './lock.mjs';
import { root } from './paths.mjs';
import { say } from './report.mjs';
import { ensureTestServers } from './test-servers.mjs';
import { packageFolders, runTurbo } from './workspace.mjs';

/**
 * @typedef {import('./tools.mjs').Tools} Tools
 * @typedef {{ passed: number, failed: number, failures: string[] }} Results `failures` has a line for each test that failed, and each file that could not be loaded
 */

const summaryFile = join(root, '.cache', 'tests.json');

/**
 * Runs every test of every package, all of them even when one fails, and leaves what came of it for {@link lastTestResults}.
 *
 * @param {Tools} tools
 * @param {readonly string[]} args for turbo, such as `--filter=@lodge/core` or `--force`
 */
export async function runTests(tools, args) {
  for (const file of [summaryFile, ...resultFiles()]) rmSync(file, { force: true });
  await withLock(() => ensureTestServers(tools.env));
  const { exitCode } = await runTurbo(tools, ['test', '--continue=always', '--output-logs=new-only', ...args]);
  const files = resultFiles().filter((file) => existsSync(file));
  const results = files.map(readResults).reduce(sum, { passed: 0, failed: 0, failures: [] });
  // A test run that died, or a build before it, leaves no result: it still is a failure.
  if (exitCode !== 0 && results.failed === 0) results.failed = 1;
  mkdirSync(join(summaryFile, '..'), { recursive: true });
  writeFileSync(summaryFile, JSON.stringify(results));
  say(`tests: ${results.passed} passed, ${results.failed} failed`);
  sayFailedTests(results);
  return exitCode === 0 && results.failed > 0 ? 1 : exitCode;
}

/**
 * What came of the last {@link runTests}.
 *
 * @returns {Results}
 */
export function lastTestResults() {
  if (!existsSync(summaryFile)) return { passed: 0, failed: 1, failures: [] };
  return JSON.parse(readFileSync(summaryFile, 'utf8'));
}

/** @param {Results} results */
export function sayFailedTests({ failures }) {
  for (const failure of failures) say(`failed: ${failure}`);
}

function resultFiles() {
  return packageFolders().map((folder) => join(root, folder, '.cache', 'vitest.json'));
}

/**
 * @param {string} file
 * @returns {Results}
 */
function readResults(file) {
  const { numPassedTests, success, testResults } = JSON.parse(readFileSync(file, 'utf8'));
  const failures = testResults.flatMap(failuresOf);
  // An error outside of every test has no line here, but is not a success.
  return { passed: numPassedTests, failed: success ? 0 : Math.max(1, failures.length), failures };
}

/**
 * @param {{ name: string, status: string, message: string, assertionResults: { fullName: string, status: string, failureMessages: string[] }[] }} file
 */
function failuresOf({ name, status, message, assertionResults }) {
  const path = relative(root, name);
  const tests = assertionResults.filter((test) => test.status === 'failed');
  if (status === 'failed' && tests.length === 0) return [`${path}: ${firstLine(message)}`];
  return tests.map(({ fullName, failureMessages: [reason = ''] }) => `${path}: ${fullName}: ${firstLine(reason)}`);
}

/** @param {string} text */
function firstLine(text) {
  const [line = ''] = text.split('\n');
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

/**
 * @param {Results} total
 * @param {Results} more
 * @returns {Results}
 */
function sum(total, more) {
  return {
    passed: total.passed + more.passed,
    failed: total.failed + more.failed,
    failures: [...total.failures, ...more.failures],
  };
}
