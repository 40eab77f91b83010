// Run by `node --test`: the suite fits the runner of Node.js as it is.
import { describe, test } from 'node:test';
import { testLoggingBackend } from '@lodge/plugin-logging/conformance';
import { inMemoryLogging } from '@lodge/plugin-logging/in-memory';

/** With `BROKEN=1` its name is none that a manifest can say. */
function backend(made) {
  if (process.env.BROKEN === '1') Object.defineProperty(made, 'name', { value: 'Not A Name' });
  return made;
}

testLoggingBackend(
  { describe, test },
  {
    create: () => backend(inMemoryLogging()),
    supports: { buffering: false },
    received: (made, workloadId) => made.records(workloadId),
  },
);
