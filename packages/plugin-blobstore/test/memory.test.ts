import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startNatsServer } from '@lodge-internal/test-nats';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('memory.fixture.ts', import.meta.url));

test('100 MB through a component to NATS and back take less than 64 MB of memory', async () => {
  await using server = await startNatsServer();
  const { stdout } = await promisify(execFile)(process.execPath, [script, server.url, '100']);
  const { megabytes, grownMegabytes } = JSON.parse(stdout) as { megabytes: number; grownMegabytes: number };
  expect(megabytes).toBe(100);
  expect(grownMegabytes).toBeLessThan(64);
});
