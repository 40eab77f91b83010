import { HostError, type WorkloadInfo } from '@lodge/core';
import { describe, expect, test } from 'vitest';
import { type HttpPlugin, httpPlugin } from '../plugin.js';
import { socketClient } from '../testing/client.js';
import { answer } from '../testing/guests.js';
import { bindGuest, type Guest, startPlugin, stopPlugin, type WorkloadOptions } from '../testing/workload.js';
import { devRouter } from './dev.js';
import { dynamicRouter } from './dynamic.js';
import type { HttpRouter } from './router.js';

async function withPlugin(
  router: HttpRouter,
  run: (plugin: HttpPlugin, ask: (host: string) => Promise<string>) => Promise<void>,
): Promise<void> {
  const plugin = httpPlugin({ listen: { port: 0 }, router });
  await startPlugin(plugin);
  const send = socketClient(() => plugin.address ?? { host: '', port: 0 });
  try {
    await run(plugin, async (host) => {
      const reply = await send({ headers: [['host', host]] });
      return `${reply.status} ${await reply.text()}`.trim();
    });
  } finally {
    await stopPlugin(plugin);
  }
}

const says =
  (name: string): Guest =>
  (_request, out) =>
    answer(out, name);

const named = (id: string, host: string, aliases?: string): WorkloadOptions => ({
  id,
  config: aliases === undefined ? { host } : { host, 'host-aliases': aliases },
});

describe('the dev router', () => {
  test('gives everything to the last workload, and to nobody once that is gone', () =>
    withPlugin(devRouter(), async (plugin, ask) => {
      expect(await ask('a')).toBe('503 service unavailable');
      const first = await bindGuest(plugin, says('first'), { id: 'first' });
      const second = await bindGuest(plugin, says('second'), { id: 'second' });
      expect(await ask('any.example')).toBe('200 second');
      await first.unbind();
      expect(await ask('any.example')).toBe('200 second');
      await second.unbind();
      expect(await ask('any.example')).toBe('503 service unavailable');
    }));
});

describe('the dynamic router', () => {
  test('routes by host and alias without regard to case and port', () =>
    withPlugin(dynamicRouter(), async (plugin, ask) => {
      const workload = await bindGuest(
        plugin,
        says('shop'),
        named('w', 'Shop.Example', 'www.shop.example, BAD_ALIAS!, alias.example:80, other.example'),
      );
      for (const host of ['shop.example', 'SHOP.example:8000', 'www.shop.example', 'other.example:1']) {
        expect(await ask(host)).toBe('200 shop');
      }
      for (const host of ['example', 'x.shop.example', 'alias.example', 'BAD_ALIAS'])
        expect(await ask(host)).toBe('404 not found');
      for (const host of ['user@shop.example', 'shop.example/x', 'a,b'])
        expect(await ask(host)).toBe('400 bad request');
      await workload.unbind();
      expect(await ask('www.shop.example')).toBe('404 not found');
    }));

  test('shares a host among workloads and keeps the others when one goes', () =>
    withPlugin(dynamicRouter(), async (plugin, ask) => {
      const first = await bindGuest(plugin, says('first'), named('1', 'a.example'));
      await bindGuest(plugin, says('second'), named('2', 'a.example'));
      const answers = new Set<string>();
      for (let index = 0; index < 60; index++) answers.add(await ask('a.example'));
      expect([...answers].sort()).toEqual(['200 first', '200 second']);
      await first.unbind();
      for (let index = 0; index < 5; index++) expect(await ask('a.example')).toBe('200 second');
    }));

  test.each([
    [{}, 'no host header found'],
    [{ host: '' }, 'no host header found'],
    [{ host: 'a_b' }, 'primary host "a_b" is not a valid RFC 1123 hostname'],
    [{ host: 'a.example:80' }, 'primary host "a.example:80" is not a valid RFC 1123 hostname'],
    [{ host: '-a' }, 'is not a valid RFC 1123 hostname'],
    [{ host: `${'a'.repeat(64)}.example` }, 'is not a valid RFC 1123 hostname'],
  ])('refuses a component with %j', async (config, message) => {
    const bound = bindGuest(httpPlugin({ router: dynamicRouter() }), says(''), { config });
    await expect(bound).rejects.toThrow(message);
    await expect(bound).rejects.toSatisfy((error) => HostError.is(error, 'ERR_CONFIG_INVALID'));
  });

  test('binds a service without a host, which is then not reached', () =>
    withPlugin(dynamicRouter(), async (plugin, ask) => {
      await bindGuest(plugin, says('service'), { kind: 'service' });
      expect(await ask('a.example')).toBe('404 not found');
    }));

  test('forgets a workload that was never added without harm', () => {
    const workload: WorkloadInfo = { id: 'w', namespace: 'n', name: 'w', annotations: {} };
    expect(() => dynamicRouter().remove(workload)).not.toThrow();
  });
});
