import { createHost } from '@lodge/core';
import { jcoEngine } from '@lodge/engine-jco';
import { inMemoryHttp } from '@lodge/plugin-http/in-memory';
import { wasi } from '@lodge/wasi';
import { jsComponent } from '@lodge-internal/fixtures';
import { expect, it } from 'vitest';

it('answers an HTTP request with a component built from TypeScript, in place of the other engine', async () => {
  const http = inMemoryHttp();
  await using host = createHost({ engine: jcoEngine(), plugins: [wasi(), http] });
  await host.start();
  const { state, message } = await host.workloadStart({
    workloadId: 'hello',
    workload: {
      namespace: 'default',
      name: 'hello',
      components: [{ name: 'hello', source: { bytes: await jsComponent('http-hello') } }],
      hostInterfaces: [{ namespace: 'wasi', package: 'http', interfaces: ['incoming-handler'] }],
    },
  });
  expect([state, message]).toEqual(['running', 'Workload started successfully']);
  const response = await http.fetch('http://hello.test/');
  expect([response.status, await response.text()]).toEqual([200, 'Hello from StarlingMonkey\n']);
});
