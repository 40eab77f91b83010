import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

function bench(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, [main, ...args], { timeout: 25_000 });
}

describe('the command', () => {
  test('prints a row for each subject and component of a scenario', async () => {
    const { stdout } = await bench('--quick', '--json', '--only', 'engine/first-call');
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.filter(({ subject }) => subject === 'lodge').map(({ component }) => component)).toEqual([
      'lean jspi',
      'string 10 B',
    ]);
    for (const { value } of rows) expect(value).toBeGreaterThan(0);
  });

  test('names the scenarios when none has the prefix', async () => {
    await expect(bench('--only', 'nothing')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('engine/warm-call'),
    });
  });

  test('refuses an option that it does not know', async () => {
    await expect(bench('--fast')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('--fast') });
  });
});
