import { type NatsServer, startNatsServer } from '@lodge-internal/test-nats';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { BlobstoreBackend } from '../backend.js';
import { testBlobstoreBackend } from '../conformance/index.js';
import { natsBlobstore } from './backend.js';

const servers: NatsServer[] = [];
beforeAll(async () => {
  servers.push(await startNatsServer());
});
afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
});

function url(): string {
  const [server] = servers;
  if (server === undefined) throw new Error('the server is not started');
  return server.url;
}

/** Each rule wants an empty storage; one server is enough for all of them. */
async function empty(): Promise<void> {
  const connection = await connect({ servers: url() });
  const { streams } = await jetstreamManager(connection);
  for await (const { config } of streams.list()) await streams.delete(config.name);
  await connection.close();
}

testBlobstoreBackend(
  { describe, test },
  {
    async create(): Promise<BlobstoreBackend> {
      await empty();
      return natsBlobstore({ url: url(), timeoutMs: 1_000 });
    },
    async createLimited(): Promise<BlobstoreBackend> {
      await empty();
      return natsBlobstore({ url: url(), maxContainerBytes: 1_000_000 });
    },
    async storedBytes(): Promise<number> {
      const connection = await connect({ servers: url() });
      const { streams } = await jetstreamManager(connection);
      let bytes = 0;
      for await (const { state } of streams.list()) bytes += state.bytes;
      await connection.close();
      return bytes;
    },
  },
);
