import { type DevServer, lodgeDev } from '@lodge-internal/lodge-dev';
import { startNatsServer } from '@lodge-internal/test-nats';
import { describe, expect, test } from 'vitest';

function dev(...flags: string[]): Promise<DevServer> {
  return lodgeDev(new URL('..', import.meta.url), ...flags);
}

const content = Uint8Array.from({ length: 1_000_000 }, (_, index) => (index * 7 + (index >> 12)) % 256);

async function usesFiles(url: string): Promise<void> {
  expect(await (await fetch(url)).text()).toBe('\n');
  expect((await fetch(`${url}/a%20file`, { method: 'PUT', body: content })).status).toBe(201);
  expect((await fetch(`${url}/..%2Fother`, { method: 'PUT', body: 'x' })).status).toBe(201);
  const whole = await fetch(`${url}/a%20file`);
  expect([whole.status, whole.headers.get('content-length')]).toEqual([200, '1000000']);
  expect(Buffer.from(await whole.bytes()).equals(content)).toBe(true);
  const part = await fetch(`${url}/a%20file`, { headers: { range: 'bytes=10-13' } });
  expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 10-13/1000000']);
  expect([...(await part.bytes())]).toEqual([...content.subarray(10, 14)]);
  const rest = await fetch(`${url}/a%20file`, { headers: { range: 'bytes=999999-' } });
  expect([...(await rest.bytes())]).toEqual([...content.subarray(-1)]);
  expect((await fetch(`${url}/a%20file`, { headers: { range: 'bytes=1000000-' } })).status).toBe(416);
  expect(await (await fetch(url)).text()).toBe('../other\na file\n');
  expect((await fetch(`${url}/..%2Fother`, { method: 'DELETE' })).status).toBe(204);
  expect((await fetch(`${url}/..%2Fother`)).status).toBe(404);
}

// Without a cached build, a JavaScript engine goes into the component first.
describe('the file server', { timeout: 120_000 }, () => {
  test('keeps files in memory', async () => {
    await using server = await dev();
    await usesFiles(server.url);
  });

  test('keeps files in NATS with one flag, beyond its own life', async () => {
    await using nats = await startNatsServer();
    {
      await using server = await dev('--nats', nats.url);
      await usesFiles(server.url);
    }
    await using server = await dev('--nats', nats.url);
    expect(Buffer.from(await (await fetch(`${server.url}/a%20file`)).bytes()).equals(content)).toBe(true);
  });
});
