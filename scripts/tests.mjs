import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { root } from './paths.mjs';
import { say } from './report.mjs';
import { ensureTestServers } from './test-servers.mjs';
import { packageFolders, runTurbo } from './workspace.mjs';

/**
 * @typedef {import('./tools.mjs').Tools} Tools
 * @typedef {{ passed: number, failed: number }} Count
 */

const summaryFile = join(root, '.cache', 'tests.json');

/**
 * Runs every test of every package, all of them even when one fails, and leaves their count for {@link countTests}.
 *
 * @param {Tools} tools
 * @param {readonly string[]} args for turbo, such as `--filter=@lodge/core` or `--force`
 */
export async function runTests(tools, args) {
  for (const file of [summaryFile, ...resultFiles()]) rmSync(file, { force: true });
  await withLock(() => ensureTestServers(tools.env));
  const { exitCode } = await runTurbo(tools, ['test', '--continue=always', '--output-logs=new-only', ...args]);
  const count = { passed: 0, failed: 0 };
  for (const file of resultFiles()) add(count, readResults(file));
  // A test run that died, or a build before it, leaves no result: it still is a failure.
  if (exitCode !== 0 && count.failed === 0) count.failed = 1;
  mkdirSync(join(summaryFile, '..'), { recursive: true });
  writeFileSync(summaryFile, JSON.stringify(count));
  say(`tests: ${count.passed} passed, ${count.failed} failed`);
  return exitCode === 0 && count.failed > 0 ? 1 : exitCode;
}

/**
 * What the last {@link runTests} counted.
 *
 * @returns {Count}
 */
export function countTests() {
  if (!existsSync(summaryFile)) return { passed: 0, failed: 1 };
  return JSON.parse(readFileSync(summaryFile, 'utf8'));
}

function resultFiles() {
  return packageFolders().map((folder) => join(root, folder, '.cache', 'vitest.json'));
}

/**
 * @param {string} file
 * @returns {Count}
 */
function readResults(file) {
  if (!existsSync(file)) return { passed: 0, failed: 0 };
  const { numPassedTests, numFailedTests, success } = JSON.parse(readFileSync(file, 'utf8'));
  // A file that cannot be loaded has no tests to count, but is not a success.
  return { passed: numPassedTests, failed: success || numFailedTests > 0 ? numFailedTests : 1 };
}

/**
 * @param {Count} total
 * @param {Count} more
 */
function add(total, more) {
  total.passed += more.passed;
  total.failed += more.failed;
}
