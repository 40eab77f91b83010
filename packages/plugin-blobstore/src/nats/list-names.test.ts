import { startNatsServer } from '@lodge-internal/test-nats';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { blobstorePlugin } from '../plugin.js';
import { startPlugin } from '../testing/workload.js';
import { natsBlobstore } from './backend.js';

/** Subjects that the server gives at once. */
const pageOfServer = 100_000;

const place = { namespace: undefined, store: undefined, container: 'many' };
const hook = { signal: new AbortController().signal };

test('more than a page of the server is listed to the end, although what was before the next page goes', async () => {
  await using server = await startNatsServer();
  const backend = natsBlobstore({ url: server.url });
  await using _started = await startPlugin(blobstorePlugin({ backends: [backend] }));
  await backend.createContainer(place, hook);
  const connection = await connect({ servers: server.url });
  // Tokens that come before those of all names, and are none: they fill the first page and cost no look at what they are.
  for (let index = 0; index < pageOfServer; index++) {
    connection.publish(`$O.many.M.!${String(index).padStart(6, '0')}`);
    if (index % 1_000 === 0) await connection.flush();
  }
  const names = Array.from({ length: 300 }, (_, index) => `object-${String(index).padStart(3, '0')}`);
  for (const name of names) await backend.write(place, name, nothing(), hook);

  const listing = backend.listObjects(place, hook)[Symbol.asyncIterator]();
  expect(await listing.next()).toEqual({ done: false, value: [] });
  const { streams } = await jetstreamManager(connection);
  await streams.purge('OBJ_many', { filter: '$O.many.M.>', seq: 401 });
  const listed = await Array.fromAsync({ [Symbol.asyncIterator]: () => listing });
  expect(listed.flat().sort()).toEqual(names);
  await connection.close();
});

async function* nothing(): AsyncGenerator<Uint8Array> {}
