import { type NatsServer, startNatsServer } from '@lodge-internal/test-nats';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { testMessagingBackend } from '../conformance/test-messaging-backend.js';
import { natsMessaging } from './backend.js';

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer({ config: 'max_payload: 65536' });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

describe('core NATS', () => {
  testMessagingBackend(
    { describe, test },
    {
      create: () => natsMessaging({ url: server.url }),
      supports: { redelivery: false, requests: true },
      maxPayload: 65_536,
      held: (backend) => backend.held,
    },
  );
});

describe('JetStream', () => {
  testMessagingBackend(
    { describe, test },
    {
      async create() {
        const connection = await connect({ servers: server.url });
        const { streams } = await jetstreamManager(connection);
        await streams.delete('CONFORMANCE').catch(() => undefined);
        await streams.add({ name: 'CONFORMANCE', subjects: ['conformance.>'], storage: 'memory' });
        await connection.close();
        return natsMessaging({ url: server.url });
      },
      supports: { redelivery: true, requests: false },
      config: { mode: 'jetstream', retry_delay: '5ms' },
      maxPayload: 65_536,
      held: (backend) => backend.held,
    },
  );
});
