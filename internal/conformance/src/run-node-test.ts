import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** How a run of `node --test` ended. */
export interface NodeTestRun {
  readonly exitCode: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** In TAP. */
  readonly output: string;
}

/**
 * Runs a file of tests with the runner of Node.js, away from what other runners put into the environment: the suites take any runner.
 *
 * @param env variables for the file
 */
export async function runNodeTest(file: URL, env: Readonly<Record<string, string>> = {}): Promise<NodeTestRun> {
  const args = ['--test', '--test-reporter=tap', fileURLToPath(file)];
  const { exitCode, output } = await promisify(execFile)(process.execPath, args, {
    env: { PATH: process.env['PATH'], ...env },
    maxBuffer: 16_777_216,
  }).then(
    ({ stdout }) => ({ exitCode: 0, output: stdout }),
    ({ code, stdout }: { code: number; stdout: string }) => ({ exitCode: code, output: stdout }),
  );
  const count = (what: string): number => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(output)?.[1] ?? Number.NaN);
  return { exitCode, passed: count('pass'), failed: count('fail'), skipped: count('skipped'), output };
}

/**
 * Runs a fixture twice: with a sound backend, which its suite must pass, and with `BROKEN=1`, which breaks one rule and must fail one test.
 *
 * @throws AssertionError with what the run wrote
 */
export async function checkSuiteUnderNodeTest(file: URL): Promise<void> {
  const sound = await runNodeTest(file);
  assert.ok(sound.exitCode === 0 && sound.failed === 0 && sound.passed >= 10, sound.output);
  const broken = await runNodeTest(file, { BROKEN: '1' });
  assert.ok(broken.exitCode === 1 && broken.failed === 1, broken.output);
}
