// Run by `node --test`: the suite fits the runner of Node.js as it is.
import { describe, test } from 'node:test';
import { testHostPlugin } from '@lodge/plugin-conformance';

const id = 'test:hello/hello@1.0.0';
const isBroken = process.env.BROKEN === '1';

testHostPlugin(
  { describe, test },
  {
    create: () => ({
      specVersion: isBroken ? 2 : 1,
      id: 'test-hello',
      world: { provides: [{ id, suspends: [] }] },
      onWorkloadBind: async (workload) => workload.name,
      async bindComponent(_component, requests, name) {
        const hello = { hello: () => `hello, ${name}` };
        const imports = Object.freeze(Object.fromEntries(requests.map(({ externName }) => [externName, hello])));
        return { importsFor: () => imports };
      },
      async onWorkloadUnbind() {},
    }),
    interfaces: [{ id, functions: ['hello'] }],
    observe: (guest) => guest.imports('test:hello/hello').hello(),
  },
);
