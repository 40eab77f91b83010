import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { latencyOf, readWrk } from '../src/http/load.ts';
import { startNodeHttp } from '../src/http/node-server.ts';

describe('the report of wrk', () => {
  const report = '  4242 requests in 2.00s, 500KB read\nRequests/sec:   2121.00\n';

  test('gives answers and answers per second', () => {
    expect(readWrk(report)).toEqual({ perSecond: 2121, answers: 4242, failures: 0 });
  });

  test('counts other statuses and broken connections as failures', () => {
    const errors = '  Socket errors: connect 0, read 3, write 0, timeout 4\n  Non-2xx or 3xx responses: 5\n';
    expect(readWrk(errors + report).failures).toBe(12);
  });

  test('is refused when it is none', () => {
    expect(() => readWrk('unable to connect')).toThrow(/unable to connect/);
  });
});

describe('the load generator', () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  test('measures a server that answers', async () => {
    const node = await startNodeHttp();
    server = node.server;
    const { answers, failures, p50, p99 } = await latencyOf(node.port, 0.1);
    expect(answers).toBeGreaterThan(0);
    expect(failures).toBe(0);
    expect(p99).toBeGreaterThanOrEqual(p50);
  });

  describe('with a server that fails', () => {
    let port = 0;
    beforeEach(async () => {
      server = createServer((_request, response) => response.writeHead(500).end());
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      port = typeof address === 'object' && address !== null ? address.port : 0;
    });

    test('counts failures, not answers', async () => {
      const { answers, failures } = await latencyOf(port, 0.1);
      expect(answers).toBe(0);
      expect(failures).toBeGreaterThan(0);
    });
  });
});
