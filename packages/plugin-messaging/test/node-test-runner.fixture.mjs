// Run by `node --test`: the suite fits the runner of Node.js as it is.
import { describe, test } from 'node:test';
import { testMessagingBackend } from '@lodge/plugin-messaging/conformance';
import { inMemoryMessaging } from '@lodge/plugin-messaging/in-memory';

/** With `BROKEN=1` its name is none that a manifest can say. */
function backend(made) {
  if (process.env.BROKEN === '1') Object.defineProperty(made, 'name', { value: 'Not A Name' });
  return made;
}

testMessagingBackend(
  { describe, test },
  {
    create: () => backend(inMemoryMessaging({ maxPayload: 65_536 })),
    supports: { redelivery: false, requests: true },
    maxPayload: 65_536,
  },
);
