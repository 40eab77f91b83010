import { inMemoryClient } from '../testing/client.js';
import { testExchanges } from '../testing/exchange-suite.js';
import { bindGuest, startPlugin } from '../testing/workload.js';
import { inMemoryHttp } from './plugin.js';

testExchanges('memory', async (guest, options = {}) => {
  const http = inMemoryHttp({ ...(options.limits === undefined ? {} : { limits: options.limits }) });
  await startPlugin(http);
  const workload = await bindGuest(http, guest, options);
  return { send: inMemoryClient(() => http), live: () => http.exchanges + workload.liveCalls };
});
