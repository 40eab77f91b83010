import { describe, test } from 'vitest';
import { testMessagingBackend } from '../conformance/test-messaging-backend.js';
import { inMemoryMessaging } from './backend.js';

testMessagingBackend(
  { describe, test },
  {
    create: () => inMemoryMessaging({ maxPayload: 65_536 }),
    supports: { redelivery: false, requests: true },
    maxPayload: 65_536,
    held: (backend) => backend.held,
  },
);
