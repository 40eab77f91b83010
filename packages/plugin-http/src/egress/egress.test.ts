import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { WitError } from '@lodge/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fetchEgress } from '../in-memory/fetch-egress.js';
import { inMemoryHttp } from '../in-memory/plugin.js';
import { type EgressOptions, httpPlugin } from '../plugin.js';
import { devRouter } from '../routers/dev.js';
import { testCertificate } from '../testing/certificate.js';
import { answer, fields, readAll, text, utf8, writeAll } from '../testing/guests.js';
import { type BoundWorkload, bindGuest, startPlugin, stopPlugin } from '../testing/workload.js';
import type { FutureIncomingResponse } from '../wit/future-incoming-response.js';
import { IncomingBody } from '../wit/incoming-body.js';
import type { IncomingResponse } from '../wit/incoming-response.js';
import { OutgoingBody } from '../wit/outgoing-body.js';
import type { OutgoingHandler } from '../wit/outgoing-handler.js';
import { OutgoingRequest } from '../wit/outgoing-request.js';
import { RequestOptions } from '../wit/request-options.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function upstream(listener: RequestListener): Promise<{ authority: string; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(
    () => server.closeAllConnections(),
    () => new Promise((resolve) => server.close(resolve)),
  );
  return { authority: `127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** The outgoing handler of a component. */
async function outgoing(
  allowedHosts: readonly string[],
  egress: EgressOptions = {},
): Promise<{ handler: OutgoingHandler; workload: BoundWorkload }> {
  const plugin = httpPlugin({ router: devRouter(), egress, limits: { maxHeaderCount: 32, maxHeaderBytes: 16_384 } });
  await startPlugin(plugin);
  const workload = await bindGuest(plugin, (_request, out) => answer(out, ''), { allowedHosts });
  cleanups.push(
    () => stopPlugin(plugin),
    () => workload.unbind(),
  );
  return { handler: workload.outgoing, workload };
}

function get(
  authority: string,
  path: string = '/',
  headers: readonly (readonly [string, string])[] = [],
): OutgoingRequest {
  const request = new OutgoingRequest(fields(...headers));
  request.setScheme({ tag: 'HTTP' });
  request.setAuthority(authority);
  request.setPathWithQuery(path);
  return request;
}

/** Waits for the response, as a guest does. */
async function settle(future: FutureIncomingResponse): Promise<IncomingResponse> {
  const pollable = future.subscribe();
  await pollable.block();
  pollable[Symbol.dispose]();
  const result = future.get();
  expect(future.get()).toEqual({ tag: 'err', val: undefined });
  if (result?.tag !== 'ok') throw new Error('taken before');
  if (result.val.tag === 'err') throw new WitError(result.val.val);
  return result.val.val;
}

async function bodyText(response: IncomingResponse): Promise<string> {
  return text(await readAll(response.consume().stream()));
}

async function errorTag(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return WitError.is(error) ? (error.payload as { tag: string }).tag : error;
  }
  return undefined;
}

describe('outgoing requests', () => {
  test('carry method, path, headers and a body, and bring status, headers and body back', async () => {
    const seen: unknown[] = [];
    const { authority } = await upstream((request, response) => {
      seen.push(
        request.method,
        request.url,
        request.headers['x-many'],
        request.headers.host,
        request.headers['content-length'],
      );
      response.writeHead(203, ['set-cookie', 'a', 'set-cookie', 'b']);
      request.pipe(response);
    });
    const { handler } = await outgoing([authority]);
    const request = get(authority, '/p?q=1', [
      ['x-many', '1'],
      ['x-many', '2'],
    ]);
    request.setMethod({ tag: 'post' });
    const body = request.body();
    const future = handler.handle(request, undefined);
    const stream = body.write();
    stream.checkWrite();
    stream.write(utf8('hello'));
    stream[Symbol.dispose]();
    OutgoingBody.finish(body, undefined);
    const response = await settle(future);
    expect([response.status(), response.headers().get('set-cookie').map(text), await bodyText(response)]).toEqual([
      203,
      ['a', 'b'],
      'hello',
    ]);
    expect(seen).toEqual(['POST', '/p?q=1', '1, 2', authority, '5']);
  });

  test('stream a large body both ways', async () => {
    const { authority } = await upstream((request, response) => request.pipe(response));
    const { handler } = await outgoing([authority]);
    const request = get(authority);
    request.setMethod({ tag: 'post' });
    const body = request.body();
    const future = handler.handle(request, undefined);
    const stream = body.write();
    const sending = (async (): Promise<void> => {
      await writeAll(stream, new Uint8Array(3_000_000).fill(65));
      stream[Symbol.dispose]();
      OutgoingBody.finish(body, undefined);
    })();
    const response = await settle(future);
    expect((await bodyText(response)).length).toBe(3_000_000);
    await sending;
  });

  test('bring trailers of the response', async () => {
    const { authority } = await upstream((_request, response) => {
      response.writeHead(200, { trailer: 'x-sum' });
      response.write('abc');
      response.addTrailers({ 'x-sum': '42' });
      response.end();
    });
    const { handler } = await outgoing([authority]);
    const response = await settle(handler.handle(get(authority), undefined));
    const trailers = IncomingBody.finish(response.consume());
    const pollable = trailers.subscribe();
    await pollable.block();
    pollable[Symbol.dispose]();
    const result = trailers.get();
    const received = result?.tag === 'ok' && result.val.tag === 'ok' ? result.val.val : undefined;
    expect(received?.get('x-sum').map(text)).toEqual(['42']);
  });

  test('do not follow redirects', async () => {
    const { authority } = await upstream((_request, response) =>
      response.writeHead(302, { location: '/elsewhere' }).end(),
    );
    const { handler } = await outgoing([authority]);
    expect((await settle(handler.handle(get(authority), undefined))).status()).toBe(302);
  });

  test('stop receiving while the guest does not read', async () => {
    let sent = 0;
    const { authority } = await upstream((_request, response) => {
      const chunk = Buffer.alloc(65_536);
      const write = (): void => {
        let hasRoom = true;
        for (; hasRoom && sent < 2_000; sent++) hasRoom = response.write(chunk);
        if (sent < 2_000) response.once('drain', write);
        else response.end();
      };
      write();
    });
    const { handler } = await outgoing([authority]);
    const response = await settle(handler.handle(get(authority), undefined));
    let last = -1;
    await vi.waitFor(
      () => {
        const isStill = sent > 0 && sent === last;
        last = sent;
        expect(isStill).toBe(true);
      },
      { timeout: 10_000, interval: 100 },
    );
    expect(sent).toBeLessThan(1_500);
    response[Symbol.dispose]();
  });

  test('end at the upstream when the guest drops the future', async () => {
    const arrived = Promise.withResolvers<IncomingMessage>();
    const closed = Promise.withResolvers<void>();
    const { authority } = await upstream((request, response: ServerResponse) => {
      response.once('close', () => closed.resolve());
      arrived.resolve(request);
    });
    const { handler } = await outgoing([authority]);
    const future = handler.handle(get(authority), undefined);
    await arrived.promise;
    future[Symbol.dispose]();
    await closed.promise;
  });

  test('reuse connections, and lose them when the workload goes', async () => {
    let connections = 0;
    const { authority, server } = await upstream((_request, response) => response.end('ok'));
    server.on('connection', () => connections++);
    const { handler, workload } = await outgoing([authority]);
    for (let index = 0; index < 5; index++)
      expect(await bodyText(await settle(handler.handle(get(authority), undefined)))).toBe('ok');
    // The client frees a connection a turn after its response has ended.
    expect(connections).toBeLessThanOrEqual(2);
    await workload.unbind();
    await vi.waitFor(
      () =>
        new Promise<void>((resolve, reject) =>
          server.getConnections((_error, count) => (count === 0 ? resolve() : reject(new Error('open')))),
        ),
    );
    expect(await errorTag(() => settle(handler.handle(get(authority), undefined)))).toBe('connection-terminated');
  });
});

describe('the policy', () => {
  test('an empty list denies with an error of the guest', async () => {
    const { handler } = await outgoing([]);
    expect(await errorTag(() => handler.handle(get('example.com'), undefined))).toBe('HTTP-request-denied');
  });

  test('a star does not include this machine, its link and metadata services', async () => {
    const { authority } = await upstream((_request, response) => response.end('internal'));
    const { handler } = await outgoing(['*']);
    const port = authority.split(':')[1];
    for (const host of [
      authority,
      `localhost:${port}`,
      `2130706433:${port}`,
      `0x7f.1:${port}`,
      '169.254.169.254',
      '[::ffff:127.0.0.1]',
      '[::1]',
      '0.0.0.0',
    ]) {
      expect([host, await errorTag(() => settle(handler.handle(get(host), undefined)))]).toEqual([
        host,
        'destination-IP-prohibited',
      ]);
    }
  });

  test('a host that is named may be this machine, without opening it for others of the workload', async () => {
    const { authority } = await upstream((_request, response) => response.end('named'));
    const local = `localhost:${authority.split(':')[1]}`;
    const plugin = httpPlugin({ router: devRouter() });
    const named = await bindGuest(plugin, () => {}, { allowedHosts: [local, '*'] });
    cleanups.push(() => named.unbind());
    expect(await bodyText(await settle(named.outgoing.handle(get(local), undefined)))).toBe('named');
    expect(await errorTag(() => settle(named.outgoing.handle(get(authority), undefined)))).toBe(
      'destination-IP-prohibited',
    );
  });

  test('allowsLoopback opens this machine for development', async () => {
    const { authority } = await upstream((_request, response) => response.end('dev'));
    const { handler } = await outgoing(['*'], { allowsLoopback: true });
    expect(await bodyText(await settle(handler.handle(get(authority), undefined)))).toBe('dev');
  });

  test('a wrong entry fails the bind', async () => {
    await expect(outgoing(['*bad'])).rejects.toThrow('The allowed host "*bad" is wrong');
  });
});

describe('failures', () => {
  test('a refused connection is connection-refused', async () => {
    const { authority, server } = await upstream(() => {});
    await new Promise((resolve) => server.close(resolve));
    const { handler } = await outgoing([authority]);
    expect(await errorTag(() => settle(handler.handle(get(authority), undefined)))).toBe('connection-refused');
  });

  test('no answer in time is connection-read-timeout', async () => {
    const { authority } = await upstream(() => {});
    const { handler } = await outgoing([authority]);
    const options = new RequestOptions();
    options.setFirstByteTimeout(50_000_000n);
    expect(await errorTag(() => settle(handler.handle(get(authority), options)))).toBe('connection-read-timeout');
  });

  test('a body that stops is connection-read-timeout', async () => {
    const { authority } = await upstream((_request, response) => {
      response.writeHead(200).write('part');
    });
    const { handler } = await outgoing([authority]);
    const options = new RequestOptions();
    options.setBetweenBytesTimeout(50_000_000n);
    const response = await settle(handler.handle(get(authority), options));
    expect(await errorTag(() => bodyText(response))).toBe('last-operation-failed');
  });

  test('a connection that breaks off is connection-terminated', async () => {
    const { authority } = await upstream((request) => request.socket.destroy());
    const { handler } = await outgoing([authority]);
    expect(await errorTag(() => settle(handler.handle(get(authority), undefined)))).toBe('connection-terminated');
  });

  test('an answer that is no HTTP is HTTP-protocol-error', async () => {
    const server = createTcpServer((socket) => socket.once('data', () => socket.end('SSH-2.0-hello\r\n')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => server.close());
    const authority = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { handler } = await outgoing([authority]);
    expect(await errorTag(() => settle(handler.handle(get(authority), undefined)))).toBe('HTTP-protocol-error');
  });

  test('a header flood of the upstream is HTTP-response-header-section-size', async () => {
    const { authority } = await upstream((request, response) => {
      if (request.url === '/bytes') response.setHeader('x', 'a'.repeat(40_000));
      else for (let index = 0; index < 100; index++) response.setHeader(`x-${index}`, '1');
      response.end();
    });
    const { handler } = await outgoing([authority]);
    for (const path of ['/bytes', '/count']) {
      expect(await errorTag(() => settle(handler.handle(get(authority, path), undefined)))).toBe(
        'HTTP-response-header-section-size',
      );
    }
  });

  test('TLS to a server without it is TLS-protocol-error', async () => {
    const { authority } = await upstream((_request, response) => response.end());
    const { handler } = await outgoing([authority]);
    const request = get(authority);
    request.setScheme({ tag: 'HTTPS' });
    expect(await errorTag(() => settle(handler.handle(request, undefined)))).toBe('TLS-protocol-error');
  });

  test('a certificate that nobody vouches for is TLS-certificate-error, a trusted one is fine', async () => {
    const server = createTlsServer(testCertificate, (_request, response) => response.end('secure'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    const authority = `localhost:${(server.address() as AddressInfo).port}`;
    const untrusted = await outgoing([authority]);
    const trusted = await outgoing([authority], { ca: testCertificate.cert });
    const ask = ({ handler }: { handler: OutgoingHandler }): Promise<IncomingResponse> => {
      const request = get(authority);
      request.setScheme({ tag: 'HTTPS' });
      return settle(handler.handle(request, undefined));
    };
    expect(await errorTag(() => ask(untrusted))).toBe('TLS-certificate-error');
    expect(await bodyText(await ask(trusted))).toBe('secure');
  });

  test('a connection that is not there in time is connection-timeout', async () => {
    const gate = Promise.withResolvers<void>();
    const { authority } = await upstream(async (_request, response) => {
      await gate.promise;
      response.end();
    });
    const { handler } = await outgoing([authority], { maxConnections: 1 });
    const first = handler.handle(get(authority), undefined);
    const options = new RequestOptions();
    options.setConnectTimeout(50_000_000n);
    expect(await errorTag(() => settle(handler.handle(get(authority), options)))).toBe('connection-timeout');
    gate.resolve();
    expect((await settle(first)).status()).toBe(200);
  });

  test.each([
    [
      'a scheme that is not HTTP',
      (request: OutgoingRequest) => request.setScheme({ tag: 'other', val: 'ftp' }),
      'HTTP-request-URI-invalid',
    ],
    ['no authority', (request: OutgoingRequest) => request.setAuthority(undefined), 'HTTP-request-URI-invalid'],
    ['CONNECT', (request: OutgoingRequest) => request.setMethod({ tag: 'connect' }), 'HTTP-request-method-invalid'],
    [
      'a path without end',
      (request: OutgoingRequest) => request.setPathWithQuery(`/${'a'.repeat(20_000)}`),
      'HTTP-request-URI-too-long',
    ],
  ])('%s is refused before anything is sent', async (_what, change, tag) => {
    const { handler } = await outgoing(['*']);
    const request = get('example.com');
    change(request);
    expect(await errorTag(() => handler.handle(request, undefined))).toBe(tag);
  });

  test('a body dropped unfinished ends the request', async () => {
    const { authority } = await upstream(() => {});
    const { handler } = await outgoing([authority]);
    const request = get(authority);
    request.setMethod({ tag: 'post' });
    const body = request.body();
    const future = handler.handle(request, undefined);
    body[Symbol.dispose]();
    expect(await errorTag(() => settle(future))).toBe('HTTP-protocol-error');
  });
});

describe('egress through fetch', () => {
  test('carries requests to a function and its response back', async () => {
    const plugin = inMemoryHttp({
      egress: fetchEgress(
        async (request) => new Response(`${request.method} ${request.url} ${await request.text()}`, { status: 201 }),
      ),
    });
    const workload = await bindGuest(plugin, () => {}, { allowedHosts: ['api.example'] });
    const request = get('api.example', '/x');
    request.setMethod({ tag: 'put' });
    const body = request.body();
    const stream = body.write();
    stream.checkWrite();
    stream.write(utf8('hello'));
    stream[Symbol.dispose]();
    OutgoingBody.finish(body, undefined);
    const response = await settle(workload.outgoing.handle(request, undefined));
    expect([response.status(), await bodyText(response)]).toEqual([201, 'PUT http://api.example/x hello']);
  });

  test('is nothing by default', async () => {
    const workload = await bindGuest(inMemoryHttp(), () => {}, { allowedHosts: ['*'] });
    expect(await errorTag(() => settle(workload.outgoing.handle(get('api.example'), undefined)))).toBe(
      'configuration-error',
    );
  });
});
