import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { HostError } from '@lodge/core';
import { refusalText } from '../exchange.js';
import { FlushQueue } from '../flush-queue.js';
import type { Ingress } from '../ingress.js';
import type { HttpLimits } from '../limits.js';
import { Connection } from './connection.js';
import { NodeExchange } from './exchange.js';
import { readTarget } from './target.js';

/** Where a server listens. */
export interface ListenOptions {
  /** A name or an address of this machine. @default '127.0.0.1' */
  readonly host?: string;
  /** 0: any free one; see `address` of the plugin. */
  readonly port: number;
}

/** Where a server is reached. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** What a {@link NodeServer} serves with. */
export interface NodeServerOptions {
  readonly ingress: Ingress;
  readonly limits: HttpLimits;
}

/** An HTTP/1.1 server in front of an {@link Ingress}. */
export class NodeServer {
  readonly #ingress: Ingress;
  readonly #limits: HttpLimits;
  readonly #server: Server;
  readonly #connections: WeakMap<Duplex, Connection> = new WeakMap();
  readonly #flushes: FlushQueue = new FlushQueue();
  #isClosing = false;
  #closed: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: NodeServerOptions) {
    this.#ingress = options.ingress;
    this.#limits = options.limits;
    const { maxHeaderBytes, maxBufferedBytes, headTimeoutMs, idleTimeoutMs } = options.limits;
    this.#server = createServer({
      maxHeaderSize: maxHeaderBytes,
      highWaterMark: maxBufferedBytes,
      headersTimeout: headTimeoutMs,
      // A body may take as long as the call that reads it.
      requestTimeout: 0,
      connectionsCheckingInterval: Math.min(30_000, Math.max(100, headTimeoutMs / 2)),
      keepAliveTimeout: idleTimeoutMs,
      // Checked here, with an answer of ours.
      requireHostHeader: false,
      noDelay: true,
    });
    // node:http would drop what is above its own limit without a word.
    this.#server.maxHeadersCount = 0;
    this.#server.on('connection', (socket) => this.#open(socket));
    this.#server.on('request', (request, response) => this.#accept(request, response, false));
    this.#server.on('checkContinue', (request, response) => this.#accept(request, response, true));
    this.#server.on('clientError', (error, socket) => this.#refuseMalformed(error, socket));
  }

  /**
   * @throws HostError `ERR_ADDRESS_IN_USE` when something else listens there, `ERR_ADDRESS_DENIED` when this process may not or
   *   the machine has no such address.
   */
  async listen({ host = '127.0.0.1', port }: ListenOptions): Promise<ListenAddress> {
    await new Promise<void>((resolve, reject) => {
      const onError = (error: Error): void => reject(listenError(error, host, port));
      this.#server.once('error', onError);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', onError);
        resolve();
      });
    });
    const address = this.#server.address() as AddressInfo;
    return { host: address.address, port: address.port };
  }

  /** Accepts no more connections; what comes on those that are there is refused, and each closes with its answer. Idempotent. */
  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#ingress.stop();
    this.#closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
  }

  /** As {@link close}; lets what runs end until `drainMs` is over or `signal` aborts, then cuts it. Idempotent. */
  stop(signal: AbortSignal): Promise<void> {
    this.#stopped ??= this.#stop(signal);
    return this.#stopped;
  }

  async #stop(signal: AbortSignal): Promise<void> {
    this.close();
    const cut = (): void => this.#server.closeAllConnections();
    const timer = setTimeout(cut, this.#limits.drainMs);
    signal.addEventListener('abort', cut, { once: true });
    if (signal.aborted) cut();
    // An answer that began before the close has promised to keep its connection, which becomes idle only now.
    const sweep = setInterval(() => this.#server.closeIdleConnections(), 50);
    await this.#closed;
    clearInterval(sweep);
    clearTimeout(timer);
    signal.removeEventListener('abort', cut);
    await this.#ingress.idle();
  }

  #open(socket: Socket): void {
    const connection = new Connection({
      scheme: 'http',
      limits: this.#limits,
      flushes: this.#flushes,
      isServerClosing: () => this.#isClosing,
    });
    this.#connections.set(socket, connection);
    socket.on('close', () => connection.close());
  }

  #accept(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const connection = this.#connections.get(request.socket);
    if (connection === undefined) {
      response.destroy();
      return;
    }
    // What was sent after a refused request is not looked at; its connection closes with the refusal.
    if (connection.isRefused) return;
    const target = readTarget(request);
    const exchange = new NodeExchange({
      request,
      response,
      connection,
      path: target?.path ?? '/',
      authority: target?.authority,
      expectsContinue,
    });
    const tooMany = request.rawHeaders.length / 2 > this.#limits.maxHeaderCount;
    if (target !== undefined && !tooMany) {
      this.#ingress.accept(exchange);
      return;
    }
    connection.isRefused = true;
    response.shouldKeepAlive = false;
    exchange.refuse(tooMany ? 431 : 400);
    exchange.release();
  }

  /** What node:http could not read as a request. */
  #refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
    // On a connection with an answer under way nothing can be said in between.
    if (!socket.writable || this.#connections.get(socket)?.isBusy === true) {
      socket.destroy();
      return;
    }
    const status = malformedStatus(error.code);
    const text = refusalText(status);
    const head = [
      `HTTP/1.1 ${status} ${text.trim()}`,
      'connection: close',
      'content-type: text/plain; charset=utf-8',
      `content-length: ${text.length}`,
    ].join('\r\n');
    socket.end(`${head}\r\n\r\n${text}`, () => socket.destroy());
  }
}

function malformedStatus(code: string | undefined): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 413;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): HostError {
  if (error.code === 'EADDRINUSE') {
    return new HostError(
      'ERR_ADDRESS_IN_USE',
      `Port ${port} of ${host} is in use: stop what listens there or choose another port.`,
      { cause: error, details: { host, port } },
    );
  }
  return new HostError(
    'ERR_ADDRESS_DENIED',
    `Cannot listen on port ${port} of ${host} (${error.code ?? 'unknown reason'}): choose an address of this machine and a port above 1023.`,
    { cause: error, details: { host, port } },
  );
}
