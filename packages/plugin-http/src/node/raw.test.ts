import { connect, type Socket } from 'node:net';
import { HostError } from '@lodge/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { HttpLimits } from '../limits.js';
import { type HttpPlugin, httpPlugin } from '../plugin.js';
import { devRouter } from '../routers/dev.js';
import { answer, endAnswer, fields, readRequest, startAnswer, text, utf8 } from '../testing/guests.js';
import { bindGuest, type Guest, startPlugin, stopPlugin } from '../testing/workload.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(guest: Guest, limits: Partial<HttpLimits> = {}): Promise<HttpPlugin> {
  const plugin = httpPlugin({ listen: { port: 0 }, router: devRouter(), limits: { drainMs: 100, ...limits } });
  await startPlugin(plugin);
  cleanups.push(() => stopPlugin(plugin));
  await bindGuest(plugin, guest);
  return plugin;
}

/** A connection that collects what it gets. */
class RawClient {
  readonly socket: Socket;
  received = '';
  readonly closed: Promise<void>;

  constructor(plugin: HttpPlugin) {
    this.socket = connect(plugin.address?.port ?? 0, '127.0.0.1');
    this.socket.setEncoding('latin1');
    this.socket.on('data', (data: string) => {
      this.received += data;
    });
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
    cleanups.push(() => this.socket.destroy());
  }

  write(...lines: readonly string[]): void {
    this.socket.write(lines.join('\r\n'), 'latin1');
  }

  async until(part: string | RegExp): Promise<void> {
    await vi.waitFor(() => expect(this.received).toMatch(part), { timeout: 5_000, interval: 2 });
  }
}

const hello: Guest = (_request, out) => answer(out, 'hello');

describe('the HTTP/1.1 server', () => {
  test.each([
    ['both content-length and transfer-encoding', ['Content-Length: 5', 'Transfer-Encoding: chunked', '', '0', '', '']],
    ['two different content-lengths', ['Content-Length: 5', 'Content-Length: 6', '', 'hello', '']],
    ['a content-length that is no number', ['Content-Length: 5x', '', 'hello', '']],
    ['a transfer-encoding that does not end in chunked', ['Transfer-Encoding: chunked, gzip', '', '0', '', '']],
    ['a chunk size that is no number', ['Transfer-Encoding: chunked', '', 'zz', 'hello', '0', '', '']],
    ['a space before the colon', ['X-Header : 1', '', '']],
    ['a NUL in a header value', ['X-Header: a\0b', '', '']],
    ['a second host', ['Host: other', '', '']],
  ])('refuses %s with 400 and closes the connection', async (_what, lines) => {
    const seen: string[] = [];
    const plugin = await serve(async (request, out) => {
      seen.push(request.pathWithQuery() ?? '');
      await readRequest(request);
      answer(out, 'taken');
    });
    const client = new RawClient(plugin);
    client.write('POST / HTTP/1.1', 'Host: a', ...lines);
    client.write('GET /smuggled HTTP/1.1', 'Host: a', '', '');
    await client.closed;
    expect(client.received).not.toContain('taken');
    expect(client.received === '' || client.received.startsWith('HTTP/1.1 400 ')).toBe(true);
    expect(seen).not.toContain('/smuggled');
    expect(plugin.exchanges).toBe(0);
  });

  test('refuses HTTP/1.1 without a host with 400', async () => {
    const client = new RawClient(await serve(hello));
    client.write('GET / HTTP/1.1', '', '');
    await client.closed;
    expect(client.received).toMatch(/^HTTP\/1\.1 400 [\s\S]*\r\n\r\nbad request\n$/);
  });

  test('answers what is no HTTP with 400', async () => {
    const client = new RawClient(await serve(hello));
    client.write('\x16\x03\x01 hello', '', '');
    await client.closed;
    expect(client.received).toMatch(/^HTTP\/1\.1 400 [\s\S]*bad request\n$/);
  });

  test('refuses a header section beyond its bytes with 431', async () => {
    const client = new RawClient(await serve(hello, { maxHeaderBytes: 1_024 }));
    client.write('GET / HTTP/1.1', 'Host: a', `X: ${'a'.repeat(4_000)}`, '', '');
    await client.closed;
    expect(client.received).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('closes a connection whose head does not come', async () => {
    const client = new RawClient(await serve(hello, { headTimeoutMs: 200 }));
    client.write('GET / HTTP/1.1', 'Host: a', 'X-Slow: ');
    await client.closed;
    expect(client.received).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('answers pipelined requests in order', async () => {
    const gate = Promise.withResolvers<void>();
    const plugin = await serve(async (request, out) => {
      if (request.pathWithQuery() === '/1') await gate.promise;
      answer(out, `answer${request.pathWithQuery()};`);
      if (request.pathWithQuery() === '/3') gate.resolve();
    });
    const client = new RawClient(plugin);
    for (const path of ['/1', '/2', '/3']) client.write(`GET ${path} HTTP/1.1`, 'Host: a', '', '');
    await client.until('answer/3;');
    expect(client.received.match(/answer\/\d/g)).toEqual(['answer/1', 'answer/2', 'answer/3']);
    await vi.waitFor(() => expect(plugin.exchanges).toBe(0));
  });

  test('sends 100 Continue once the guest asks for the body', async () => {
    const gate = Promise.withResolvers<void>();
    const plugin = await serve(async (request, out) => {
      await gate.promise;
      const { bytes } = await readRequest(request);
      answer(out, text(bytes));
    });
    const client = new RawClient(plugin);
    client.write('POST / HTTP/1.1', 'Host: a', 'Content-Length: 5', 'Expect: 100-continue', '', '');
    await vi.waitFor(() => expect(plugin.exchanges).toBe(1));
    expect(client.received).toBe('');
    gate.resolve();
    await client.until('HTTP/1.1 100 Continue\r\n\r\n');
    client.write('hello');
    await client.until(/HTTP\/1\.1 200 OK[\s\S]*hello$/);
  });

  test('answers without 100 Continue when the guest does not want the body, and closes', async () => {
    const client = new RawClient(await serve((_request, out) => answer(out, 'no', { status: 413 })));
    client.write('POST / HTTP/1.1', 'Host: a', 'Content-Length: 5', 'Expect: 100-continue', '', '');
    await client.closed;
    expect(client.received).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close/i);
    expect(client.received).not.toContain('100 Continue');
  });

  test('sends informational answers before the final one', async () => {
    const client = new RawClient(
      await serve((_request, out) => {
        out.sendInformational(103, fields(['link', '</a.css>; rel=preload'], ['link', '</b.css>; rel=preload']));
        answer(out, 'hello');
      }),
    );
    client.write('GET / HTTP/1.1', 'Host: a', '', '');
    await client.until('hello');
    expect(client.received).toMatch(/^HTTP\/1\.1 103 [\s\S]*a\.css[\s\S]*b\.css[\s\S]*HTTP\/1\.1 200 OK/);
  });

  test('takes host and path from a target in absolute form', async () => {
    const seen: unknown[] = [];
    const client = new RawClient(
      await serve((request, out) => {
        seen.push(request.authority(), request.pathWithQuery());
        answer(out, 'hello');
      }),
    );
    client.write('GET http://other.example:81?x=1 HTTP/1.1', 'Host: a', '', '');
    await client.until('hello');
    expect(seen).toEqual(['other.example:81', '/?x=1']);
  });

  test('uses a connection again after an unread body, but not after too much of it', async () => {
    const plugin = await serve(hello, { maxDiscardedBytes: 100_000 });
    const client = new RawClient(plugin);
    client.write('POST / HTTP/1.1', 'Host: a', 'Content-Length: 50000', '', '');
    await client.until('hello');
    client.write('x'.repeat(50_000));
    client.write('GET / HTTP/1.1', 'Host: a', '', '');
    await client.until(/hello[\s\S]*hello/);
    client.write('POST / HTTP/1.1', 'Host: a', 'Content-Length: 50000000', '', 'x'.repeat(3_000_000));
    await client.closed;
  });

  test('streams to HTTP/1.0 clients without the chunked coding', async () => {
    const client = new RawClient(
      await serve(async (_request, out) => {
        const output = startAnswer(out);
        await output.stream.blockingWriteAndFlush(utf8('one'));
        await new Promise((resolve) => setImmediate(resolve));
        await output.stream.blockingWriteAndFlush(utf8('two'));
        endAnswer(output);
      }),
    );
    client.write('GET / HTTP/1.0', '', '');
    await client.closed;
    expect(client.received).toMatch(/\r\n\r\nonetwo$/);
    expect(client.received).not.toMatch(/chunked/i);
  });
});

describe('a finished answer that its client does not take', () => {
  async function stuck(limits: Partial<HttpLimits> = {}): Promise<{ plugin: HttpPlugin; client: RawClient }> {
    const finished = Promise.withResolvers<void>();
    const plugin = await serve(async (_request, out) => {
      const output = startAnswer(out);
      // Until the kernel takes no more of it, for many turns in a row.
      for (let fullTurns = 0; fullTurns < 100; fullTurns++) {
        const room = Number(output.stream.checkWrite());
        if (room > 0) {
          output.stream.write(new Uint8Array(room));
          fullTurns = 0;
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      endAnswer(output);
      finished.resolve();
    }, limits);
    const client = new RawClient(plugin);
    client.socket.pause();
    client.write('GET / HTTP/1.1', 'Host: a', '', '');
    await finished.promise;
    return { plugin, client };
  }

  test('keeps the call open until it is taken', async () => {
    const { plugin, client } = await stuck();
    await new Promise((resolve) => setImmediate(resolve));
    expect(plugin.exchanges).toBe(1);
    client.socket.resume();
    await vi.waitFor(() => expect(plugin.exchanges).toBe(0), { timeout: 5_000 });
    await client.until(/0\r\n\r\n$/);
  });

  test('is cut at the deadline', async () => {
    const { plugin } = await stuck({ deadlineMs: 300 });
    await vi.waitFor(() => expect(plugin.exchanges).toBe(0), { timeout: 5_000 });
  });
});

describe('start and stop of the server', () => {
  test('a port in use is a clear error', async () => {
    const port = (await serve(hello)).address?.port ?? 0;
    const failed = startPlugin(httpPlugin({ listen: { port }, router: devRouter() }));
    await expect(failed).rejects.toSatisfy((error) => HostError.is(error, 'ERR_ADDRESS_IN_USE'));
    await expect(failed).rejects.toThrow(`Port ${port} of 127.0.0.1 is in use`);
  });

  test('a stop lets a running exchange end, closes its connection and takes no new ones', async () => {
    const gate = Promise.withResolvers<void>();
    const plugin = await serve(
      async (_request, out) => {
        await gate.promise;
        answer(out, 'hello');
      },
      { drainMs: 10_000 },
    );
    const [busy, idle] = [new RawClient(plugin), new RawClient(plugin)];
    const port = plugin.address?.port ?? 0;
    busy.write('GET / HTTP/1.1', 'Host: a', '', '');
    await vi.waitFor(() => expect(plugin.exchanges).toBe(1));
    const stopped = stopPlugin(plugin);
    await idle.closed;
    const refused = connect(port, '127.0.0.1');
    await new Promise((resolve) => refused.once('error', resolve));
    gate.resolve();
    await stopped;
    await busy.closed;
    expect(busy.received).toMatch(/connection: close[\s\S]*hello$/i);
    expect(plugin.exchanges).toBe(0);
  });

  test('a stop cuts what is still running after its drain time', async () => {
    const plugin = await serve(() => new Promise(() => {}), { drainMs: 50 });
    const client = new RawClient(plugin);
    client.write('GET / HTTP/1.1', 'Host: a', '', '');
    await vi.waitFor(() => expect(plugin.exchanges).toBe(1));
    await stopPlugin(plugin);
    await client.closed;
    expect(plugin.exchanges).toBe(0);
  });
});
