import { type DevServer, lodgeDev } from '@lodge-internal/lodge-dev';
import { startNatsServer } from '@lodge-internal/test-nats';
import { describe, expect, test } from 'vitest';

function dev(...flags: string[]): Promise<DevServer> {
  return lodgeDev(new URL('..', import.meta.url), ...flags);
}

async function get(url: string): Promise<string> {
  return (await fetch(url)).text();
}

// Without a cached build, a JavaScript engine goes into the component first.
describe('the counter', { timeout: 120_000 }, () => {
  test('counts each path in memory, also visitors who come at once', async () => {
    await using server = await dev();
    expect(await get(`${server.url}/home`)).toBe('visit 1 of /home\n');
    await Promise.all(Array.from({ length: 8 }, () => get(server.url)));
    expect(await get(server.url)).toBe('visit 9 of /\n');
    expect(await get(`${server.url}/home`)).toBe('visit 2 of /home\n');
  });

  test('with one flag counts in NATS, over its own end and together with others', async () => {
    await using nats = await startNatsServer();
    {
      await using server = await dev('--nats', nats.url);
      expect(await get(server.url)).toBe('visit 1 of /\n');
    }
    await using one = await dev('--nats', nats.url);
    await using other = await dev('--nats', nats.url);
    await Promise.all([one, other, one, other].map(({ url }) => get(url)));
    expect(await get(one.url)).toBe('visit 6 of /\n');
  });
});
