import { afterEach } from 'vitest';
import { httpPlugin } from '../plugin.js';
import { devRouter } from '../routers/dev.js';
import { socketClient } from '../testing/client.js';
import { testExchanges } from '../testing/exchange-suite.js';
import { bindGuest, startPlugin, stopPlugin } from '../testing/workload.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

testExchanges('sockets', async (guest, options = {}) => {
  const plugin = httpPlugin({ listen: { port: 0 }, router: devRouter(), limits: { drainMs: 100, ...options.limits } });
  await startPlugin(plugin);
  stops.push(() => stopPlugin(plugin));
  const workload = await bindGuest(plugin, guest, options);
  return {
    send: socketClient(() => plugin.address ?? { host: '', port: 0 }),
    live: () => plugin.exchanges + workload.liveCalls,
  };
});
