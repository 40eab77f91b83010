import { type NatsServer, startNatsServer } from '@lodge-internal/test-nats';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { testKeyValueBackend } from '../conformance/index.js';
import { natsKeyValue } from './backend.js';

let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});

afterAll(() => server[Symbol.asyncDispose]());

testKeyValueBackend({ describe, test }, { create: () => natsKeyValue({ url: server.url }), supports: { watch: true } });
