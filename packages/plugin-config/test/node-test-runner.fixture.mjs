// Run by `node --test`: the suite fits the runner of Node.js as it is.
import { describe, test } from 'node:test';
import { testConfigBackend } from '@lodge/plugin-config/conformance';
import { inMemoryConfig } from '@lodge/plugin-config/in-memory';

/** With `BROKEN=1` its name is none that a manifest can say. */
function backend(made) {
  if (process.env.BROKEN === '1') Object.defineProperty(made, 'name', { value: 'Not A Name' });
  return made;
}

testConfigBackend(
  { describe, test },
  {
    create: () => backend(inMemoryConfig()),
    supports: { changes: true },
    put: (made, place, key, value) => made.set(place, key, value),
    remove: (made, place, key) => made.set(place, key, undefined),
  },
);
