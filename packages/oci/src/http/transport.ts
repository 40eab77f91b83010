import type { Dispatcher } from 'undici';
import { OciError } from '../oci-error.js';
import { literalAddress, maySendTo, type Zone, zoneOf } from './addresses.js';
import type { Agents } from './agents.js';
import { addressDenied, networkError } from './network-error.js';
import type { PlainHttp } from './plain-http.js';

const maxRedirects = 5;

/** A request to a registry, or to where it sent us. */
export interface TransportRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly url: URL;
  /** The registry. Only what it and the user name may be at any address; the rest is checked. */
  readonly home: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent to the origin of `url`, and never after a redirect to another one. */
  readonly authorization?: string | undefined;
  readonly body?: Dispatcher.DispatchOptions['body'];
  readonly signal: AbortSignal;
}

/** A response. The body must be read or {@link discard}ed. */
export interface TransportResponse {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly body: Dispatcher.ResponseData['body'];
  /** Where it came from, after redirects. */
  readonly url: URL;
}

/** Sends requests, with our own rules on redirects. */
export class Transport {
  readonly #agents: Agents;
  readonly #plainHttp: PlainHttp;

  constructor(agents: Agents, plainHttp: PlainHttp) {
    this.#agents = agents;
    this.#plainHttp = plainHttp;
  }

  /** @throws OciError `ERR_REGISTRY_UNREACHABLE`, `ERR_REDIRECT_DENIED`, `ERR_REGISTRY_INVALID`; the reason of the signal */
  async send(request: TransportRequest): Promise<TransportResponse> {
    let { url, authorization } = request;
    for (let redirects = 0; ; redirects++) {
      const response = await this.#sendOnce(request, url, authorization);
      if (![301, 302, 303, 307, 308].includes(response.status)) return response;
      await discard(response);
      if (request.method === 'POST' || request.method === 'PUT') {
        throw new OciError(
          'ERR_REDIRECT_DENIED',
          `${url.origin} redirects a ${request.method} request, which is not followed: use the address where it leads.`,
        );
      }
      if (redirects === maxRedirects) {
        throw new OciError('ERR_REGISTRY_INVALID', `${url.origin} redirects more than ${maxRedirects} times in a row.`);
      }
      const next = locationOf(response);
      // Not restored on the way back either: whoever is between has had a say in the request.
      if (next.origin !== url.origin) authorization = undefined;
      url = next;
    }
  }

  async #sendOnce(request: TransportRequest, url: URL, authorization: string | undefined): Promise<TransportResponse> {
    const { method, home, headers, body = null, signal } = request;
    const agent = this.#agents.agentFor(this.#permission(url, home));
    try {
      signal.throwIfAborted();
      const response = await agent.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method,
        headers: {
          'user-agent': 'lodge',
          // What is compressed on the way has no length to check before it is unpacked.
          'accept-encoding': 'identity',
          ...headers,
          ...(authorization !== undefined && { authorization }),
        },
        body,
        signal,
      });
      // A body that nobody reads any more may still fail.
      response.body.on('error', () => {});
      return { status: response.statusCode, headers: response.headers, body: response.body, url };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw networkError(error, url);
    }
  }

  /** From where we may be sent to `url`. */
  #permission(url: URL, home: URL): Zone | 'anywhere' {
    if (url.origin === home.origin || this.#plainHttp.isNamed(url.host)) return 'anywhere';
    if (url.protocol !== 'https:' && (url.protocol !== 'http:' || home.protocol !== 'http:')) {
      throw new OciError(
        'ERR_REDIRECT_DENIED',
        `${home.origin} sends the client to ${url.origin}, which has no TLS: if that is intended, name ${url.host} in plainHttp.`,
      );
    }
    const from = this.#agents.zoneOf(home.origin);
    const literal = literalAddress(url.hostname);
    if (literal !== undefined && !maySendTo(from, zoneOf(literal))) throw addressDenied(url);
    return from;
  }
}

/** Where the `location` of a response leads. @throws OciError `ERR_REGISTRY_INVALID` */
export function locationOf({ headers, url }: TransportResponse): URL {
  const { location } = headers;
  const next = typeof location === 'string' ? URL.parse(location, url) : null;
  if (next === null)
    throw new OciError('ERR_REGISTRY_INVALID', `${url.origin} does not say where to go on: look at its log.`);
  next.username = '';
  next.password = '';
  next.hash = '';
  return next;
}

/** The value of a header that may be there once. */
export function headerOf({ headers }: TransportResponse, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Lets go of a response. A short rest is read, so that the connection can be used again. */
export async function discard({ body }: TransportResponse): Promise<void> {
  await body.dump({ limit: 65_536 }).catch(() => {});
}
