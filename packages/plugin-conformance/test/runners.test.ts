import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const fixture = fileURLToPath(new URL('node-test-runner.fixture.mjs', import.meta.url));

/** Runs the fixture under `node --test`, away from what vitest puts into the environment. */
async function runNodeTest(broken: '0' | '1'): Promise<{ exitCode: number; output: string }> {
  const env = { PATH: process.env['PATH'], BROKEN: broken };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', fixture], { env });
    return { exitCode: 0, output: stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { exitCode: code, output: stdout };
  }
}

describe('testHostPlugin under node:test', () => {
  test('passes a plugin that keeps the rules, and reports what it skips', async () => {
    const { exitCode, output } = await runNodeTest('0');
    expect(output).toMatch(/# pass 2\d/);
    expect(output).toContain('# fail 0');
    expect(output).toMatch(/# skipped [1-9]/);
    expect(exitCode).toBe(0);
  });

  test('fails one that does not', async () => {
    const { exitCode, output } = await runNodeTest('1');
    expect(output).toContain('# fail 1');
    expect(exitCode).toBe(1);
  });
});
