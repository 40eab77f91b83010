import { startNatsServer } from '@lodge-internal/test-nats';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { blobstorePlugin } from '../plugin.js';
import { bind, put, startPlugin } from '../testing/workload.js';
import { natsBlobstore } from './backend.js';

/** Subjects that the server gives at once. */
const pageOfServer = 100_000;

test('a bucket of more than a page of the server is listed to the end, although what was before the next page goes', async () => {
  await using server = await startNatsServer();
  const plugin = blobstorePlugin({ backends: [natsBlobstore({ url: server.url })] });
  await using _started = await startPlugin(plugin);
  await using imports = await bind(plugin, { config: { shared: 'true' } });
  const container = await imports.blobstore.createContainer('many');
  const connection = await connect({ servers: server.url });
  // Tokens that come before all names, and are none: they fill the first page and cost no look at what they are.
  for (let index = 0; index < pageOfServer; index++) {
    connection.publish(`$O.many.M.!${String(index).padStart(6, '0')}`);
    if (index % 1_000 === 0) await connection.flush();
  }
  const names = Array.from({ length: 300 }, (_, index) => `object-${String(index).padStart(3, '0')}`);
  for (const name of names) await put(imports, container, name, '');
  const list = await container.listObjects();
  expect(await list.readStreamObjectNames(1n)).toEqual([['object-000'], false]);
  const again = await container.listObjects();
  // The first page is there, and the second one is asked for when 400 subjects before it are gone.
  await again.readStreamObjectNames(0n);
  expect(await again.skipStreamObjectNames(10_000n)).toEqual([300n, true]);
  const { streams } = await jetstreamManager(connection);
  await streams.purge('OBJ_many', { filter: '$O.many.M.>', seq: 401 });
  const [rest, isLast] = await list.readStreamObjectNames(10_000n);
  expect([rest, isLast]).toEqual([names.slice(1), true]);
  await connection.close();
});
