import { type AllowedHost, checkAllowedHosts } from '../egress/allowed-hosts.js';
import type { EgressCall, EgressClient, EgressRequest, EgressTimeouts } from '../egress/egress.js';
import { RequestBody } from '../egress/request-body.js';
import { toErrorCode } from '../errors.js';
import type { FlushQueue } from '../flush-queue.js';
import { canonicalHost, type HostAndPort, parseAuthority } from '../hostname.js';
import type { HttpLimits } from '../limits.js';
import { type ErrorCode, errorCode, httpError } from './error-code.js';
import { FutureIncomingResponse } from './future-incoming-response.js';
import { methodText, schemeText } from './method.js';
import type { OutgoingRequest } from './outgoing-request.js';
import type { RequestOptions } from './request-options.js';

/** `wasi:http/outgoing-handler`. */
export interface OutgoingHandler {
  /**
   * `handle: func(request: outgoing-request, options: option<request-options>) -> result<future-incoming-response, error-code>`
   *
   * @throws WitError of an `error-code`: `HTTP-request-denied` for a host that is not allowed.
   */
  handle(request: OutgoingRequest, options: RequestOptions | undefined): FutureIncomingResponse;
}

/** What an {@link OutgoingHandler} sends with. */
export interface OutgoingHandlerOptions {
  readonly allowedHosts: readonly AllowedHost[];
  readonly client: EgressClient;
  readonly limits: HttpLimits;
  readonly flushes: FlushQueue;
}

/** Milliseconds that each of a request's timeouts has by default and at most. */
const maxTimeoutMs = 600_000;
const maxPathLength = 16_384;

/** The outgoing handler of one component. */
export function outgoingHandler(handler: OutgoingHandlerOptions): OutgoingHandler {
  return Object.freeze({
    handle(request: OutgoingRequest, options: RequestOptions | undefined): FutureIncomingResponse {
      try {
        const head = readHead(request, options, handler);
        return send(request, head, handler);
      } catch (error) {
        request.pipe?.break(errorCode('HTTP-request-denied'));
        throw error;
      }
    },
  });
}

type Head = Omit<EgressRequest, 'body'>;

function readHead(
  request: OutgoingRequest,
  options: RequestOptions | undefined,
  handler: OutgoingHandlerOptions,
): Head {
  const method = methodText(request.method());
  if (method === undefined || method === 'CONNECT') throw httpError(errorCode('HTTP-request-method-invalid'));
  const authority = readAuthority(request.authority());
  const scheme = schemeText(request.scheme() ?? { tag: 'HTTPS' });
  if (authority === undefined || (scheme !== 'http' && scheme !== 'https')) {
    throw httpError(errorCode('HTTP-request-URI-invalid'));
  }
  const path = request.pathWithQuery() ?? '/';
  if (path.length > maxPathLength) throw httpError(errorCode('HTTP-request-URI-too-long'));
  const verdict = checkAllowedHosts(handler.allowedHosts, { scheme, ...authority });
  if (verdict === 'denied') throw httpError(errorCode('HTTP-request-denied'));
  return {
    method,
    scheme,
    ...authority,
    path: path.startsWith('/') || path === '*' ? path : `/${path}`,
    rawHeaders: readHeaders(request, handler.limits),
    timeouts: readTimeouts(options),
    isNamed: verdict === 'named',
  };
}

/** Host and port, the host in the one spelling that the policy and the client agree on. */
function readAuthority(text: string | undefined): HostAndPort | undefined {
  const parsed = parseAuthority(text ?? '');
  const host = parsed && canonicalHost(parsed.host);
  return host === undefined || host === '' ? undefined : { host, port: parsed?.port };
}

function readHeaders(request: OutgoingRequest, limits: HttpLimits): string[] {
  const { fields } = request;
  const raw = fields.toRaw();
  if (raw.length / 2 > limits.maxHeaderCount || fields.byteLength > limits.maxHeaderBytes) {
    throw httpError({ tag: 'HTTP-request-header-section-size', val: fields.byteLength });
  }
  // The client library answers 100 Continue by itself and refuses to be told.
  return raw.filter((_text, index) => raw[index - (index % 2)] !== 'expect');
}

function readTimeouts(options: RequestOptions | undefined): EgressTimeouts {
  return {
    connectMs: toMilliseconds(options?.connectTimeout()),
    firstByteMs: toMilliseconds(options?.firstByteTimeout()),
    betweenBytesMs: toMilliseconds(options?.betweenBytesTimeout()),
  };
}

function toMilliseconds(nanoseconds: bigint | undefined): number {
  if (nanoseconds === undefined) return maxTimeoutMs;
  return Math.min(maxTimeoutMs, Math.max(1, Number(nanoseconds / 1_000_000n)));
}

/** Sends the head once the body begins: what the guest writes in one go then leaves with its length. */
function send(
  request: OutgoingRequest,
  head: Head,
  { client, flushes }: OutgoingHandlerOptions,
): FutureIncomingResponse {
  let call: EgressCall | undefined;
  const { pipe } = request;
  const future = new FutureIncomingResponse(() => end(errorCode('connection-terminated')));
  const body = new RequestBody(
    {
      onStart(bytes) {
        call = client.send({ ...head, body: bytes });
        call.response.then(
          (response) => future.settle({ tag: 'ok', val: response }),
          (error: unknown) => end(toErrorCode(error)),
        );
      },
      onAbort: end,
      onCancel: (code) => pipe?.break(code),
    },
    flushes,
  );

  function end(code: ErrorCode): void {
    future.settle({ tag: 'err', val: code });
    call?.abort();
    body.stop(code);
    pipe?.break(code);
  }

  if (pipe === undefined) body.end([], []);
  else pipe.attach(body);
  return future;
}
