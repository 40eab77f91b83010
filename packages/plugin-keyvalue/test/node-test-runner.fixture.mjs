// Run by `node --test`: the suite fits the runner of Node.js as it is.
import { describe, test } from 'node:test';
import { testKeyValueBackend } from '@lodge/plugin-keyvalue/conformance';
import { inMemoryKeyValue } from '@lodge/plugin-keyvalue/in-memory';

/** With `BROKEN=1` its name is none that a manifest can say. */
function backend(made) {
  if (process.env.BROKEN === '1') Object.defineProperty(made, 'name', { value: 'Not A Name' });
  return made;
}

testKeyValueBackend({ describe, test }, { create: () => backend(inMemoryKeyValue()), supports: { watch: true } });
