import type { EgressCall, EgressRequest, HttpEgress } from '../egress/egress.js';
import { emptyBody } from '../empty-body.js';
import { toErrorCode } from '../errors.js';
import { type ErrorCode, errorCode, HttpFailure } from '../wit/error-code.js';
import type { ReceivedResponse } from '../wit/incoming-response.js';
import { toHeaders, toRawHeaders } from './headers.js';
import { InMemoryRequestBody } from './request-body.js';

/**
 * Outgoing requests through a `fetch` of your choice: a stub in tests, another `http.fetch`, the platform's own. `allowedHosts` is checked before;
 * addresses are not, that is up to `fetch`. Redirects are not followed.
 */
export function fetchEgress(fetch: (request: Request) => Promise<Response>): HttpEgress {
  return {
    connect() {
      const calls: Set<EgressCall> = new Set();
      return {
        send(request) {
          const call = fetchCall(fetch, request, () => calls.delete(call));
          calls.add(call);
          return call;
        },
        async close() {
          for (const call of calls) call.abort();
        },
      };
    },
  };
}

/** No outgoing requests at all. */
export function noEgress(): HttpEgress {
  const send = (): EgressCall => ({
    response: Promise.reject(new HttpFailure(errorCode('configuration-error'))),
    abort() {},
  });
  return { connect: () => ({ send, async close() {} }) };
}

function fetchCall(
  fetch: (request: Request) => Promise<Response>,
  request: EgressRequest,
  onEnd: () => void,
): EgressCall {
  const controller = new AbortController();
  const { connectMs, firstByteMs } = request.timeouts;
  const timer = setTimeout(() => fail('connection-timeout'), Math.min(connectMs + firstByteMs, 2_147_483_647));

  function fail(tag: 'connection-timeout' | 'connection-terminated'): void {
    controller.abort(new HttpFailure(errorCode(tag)));
  }

  async function send(): Promise<ReceivedResponse> {
    try {
      const response = await fetch(toRequest(request, controller.signal));
      const { body } = response;
      const rawHeaders = toRawHeaders(response.headers);
      return {
        status: response.status,
        rawHeaders,
        body: body === null ? emptyBody : new InMemoryRequestBody({ body, trailers: undefined }),
      };
    } catch (error) {
      const code: ErrorCode = controller.signal.aborted ? toErrorCode(controller.signal.reason) : toErrorCode(error);
      throw new HttpFailure(code);
    } finally {
      clearTimeout(timer);
      onEnd();
    }
  }

  return { response: send(), abort: () => fail('connection-terminated') };
}

function toRequest(request: EgressRequest, signal: AbortSignal): Request {
  const port = request.port === undefined ? '' : `:${request.port}`;
  const { body } = request;
  return new Request(`${request.scheme}://${request.host}${port}${request.path}`, {
    method: request.method,
    headers: toHeaders(request.rawHeaders),
    redirect: 'manual',
    signal,
    ...(body === undefined
      ? {}
      : { body: body instanceof Uint8Array ? new Uint8Array(body) : toStream(body), duplex: 'half' }),
  } as RequestInit);
}

function toStream(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
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
