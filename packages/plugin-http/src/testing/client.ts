import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { InMemoryHttp } from '../in-memory/plugin.js';
import type { ListenAddress } from '../node/server.js';

/** A request, whatever carries it. */
export interface SendOptions {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly trailers?: readonly (readonly [string, string])[];
  readonly signal?: AbortSignal;
}

/** An answer, whatever carried it. */
export interface Reply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: AsyncIterator<Uint8Array>;
  text(): Promise<string>;
  trailers(): Promise<readonly (readonly [string, string])[]>;
}

/** Sends requests to a plugin. */
export type Send = (options?: SendOptions) => Promise<Reply>;

/** Through a socket. */
export function socketClient(address: () => ListenAddress): Send {
  return (options = {}) =>
    new Promise((resolve, reject) => {
      const { host, port } = address();
      const request = httpRequest({
        host,
        port,
        agent: false,
        method: options.method ?? 'GET',
        path: options.path ?? '/',
        headers: headerObject(options.headers ?? []),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
      request.on('response', (response) => resolve(socketReply(response)));
      request.on('error', reject);
      void sendBody(request, options);
    });
}

async function sendBody(request: ReturnType<typeof httpRequest>, { body, trailers }: SendOptions): Promise<void> {
  try {
    if (body instanceof Uint8Array) request.write(body);
    else if (body !== undefined) {
      for await (const chunk of body) {
        if (request.destroyed) return;
        if (!request.write(chunk)) await drained(request);
      }
    }
    if (trailers !== undefined) request.addTrailers(trailers.map(([name, value]) => [name, value] as [string, string]));
    request.end();
  } catch {
    request.destroy();
  }
}

/** Resolves when there is room again or nobody takes more. */
function drained(request: ReturnType<typeof httpRequest>): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      request.off('drain', done).off('close', done);
      resolve();
    };
    request.on('drain', done).on('close', done);
  });
}

function socketReply(response: IncomingMessage): Reply {
  const body = (response as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  return {
    status: response.statusCode ?? 0,
    headers: toPairs(response.rawHeaders),
    body,
    text: () => readText(body),
    trailers: async () => toPairs(response.rawTrailers),
  };
}

/** Without a socket. */
export function inMemoryClient(http: () => InMemoryHttp): Send {
  return async (options = {}) => {
    const { body, trailers } = options;
    const response = await http().fetch(`http://localhost${options.path ?? '/'}`, {
      method: options.method ?? 'GET',
      headers: (options.headers ?? []).map(([name, value]) => [name, value] as [string, string]),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(trailers === undefined
        ? {}
        : { trailers: new Headers(trailers.map(([name, value]) => [name, value] as [string, string])) }),
      ...(body === undefined
        ? {}
        : { body: body instanceof Uint8Array ? new Uint8Array(body) : toStream(body), duplex: 'half' }),
    } as RequestInit);
    const stream = response.body ?? new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
    const iterator = (stream as unknown as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    return {
      status: response.status,
      headers: [...response.headers],
      body: iterator,
      text: () => readText(iterator),
      trailers: async () => [...(await response.trailers)],
    };
  };
}

/** The values of a header. */
export function headerValues(reply: Reply, name: string): string[] {
  return reply.headers.filter(([key]) => key === name).map(([, value]) => value);
}

async function readText(body: AsyncIterator<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for (let next = await body.next(); next.done !== true; next = await body.next()) chunks.push(next.value);
  return Buffer.concat(chunks).toString();
}

function toStream(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

function toPairs(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    pairs.push([(raw[index] ?? '').toLowerCase(), raw[index + 1] ?? '']);
  }
  return pairs;
}

function headerObject(pairs: readonly (readonly [string, string])[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of pairs) {
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}
