import { readUpTo } from '../http/read-body.js';
import { discard, headerOf, type Transport, type TransportResponse } from '../http/transport.js';
import { OciError } from '../oci-error.js';
import { unexpectedStatus } from '../registry/status-error.js';
import { basicAuthorization, type Secret } from './secret.js';

const maxBytes = 1024 * 1024;
/** Seconds that a token is good for when its service does not say. */
const defaultLifetime = 60;

/** What is asked of a token service. */
export interface TokenRequest {
  readonly realm: URL;
  readonly service: string | undefined;
  /** `repository:acme/hello:pull`. */
  readonly scope: string;
  readonly secret: Secret | undefined;
  /** The registry. */
  readonly home: URL;
  readonly signal: AbortSignal;
}

/** A token of a registry. */
export interface AccessToken {
  readonly token: string;
  /** Seconds from now. */
  readonly lifetime: number;
}

/**
 * Buys a token. With a user's password in the way of Docker's token protocol, with an identity token in that of OAuth 2.
 *
 * @throws OciError `ERR_CREDENTIALS_REFUSED`, `ERR_CREDENTIALS_MISSING`, and those of a registry
 */
export async function fetchToken(transport: Transport, request: TokenRequest): Promise<AccessToken> {
  const { secret, signal } = request;
  const response = await (secret?.kind === 'identity-token'
    ? exchange(transport, request, secret.token)
    : ask(transport, request, secret));
  if (response.status === 401 || response.status === 403) {
    await discard(response);
    const code = secret === undefined ? 'ERR_CREDENTIALS_MISSING' : 'ERR_CREDENTIALS_REFUSED';
    const advice =
      secret === undefined
        ? 'gives nothing without credentials: give some'
        : 'does not accept the credentials: check them';
    throw new OciError(code, `The token service ${request.realm.origin} of ${request.home.host} ${advice}.`, {
      details: { status: response.status },
    });
  }
  if (response.status !== 200) throw await unexpectedStatus(response, 'a token', signal);
  return parseToken(response, await readUpTo(response, maxBytes, 'token', signal));
}

function ask(transport: Transport, request: TokenRequest, secret: Secret | undefined): Promise<TransportResponse> {
  const url = new URL(request.realm);
  if (request.service !== undefined) url.searchParams.set('service', request.service);
  url.searchParams.set('scope', request.scope);
  const authorization = secret?.kind === 'password' ? basicAuthorization(secret) : undefined;
  return transport.send({ method: 'GET', url, home: request.home, authorization, signal: request.signal });
}

function exchange(transport: Transport, request: TokenRequest, token: string): Promise<TransportResponse> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    service: request.service ?? '',
    client_id: 'lodge',
    scope: request.scope,
    refresh_token: token,
  });
  return transport.send({
    method: 'POST',
    url: request.realm,
    home: request.home,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    signal: request.signal,
  });
}

function parseToken(response: TransportResponse, bytes: Uint8Array): AccessToken {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    value = undefined;
  }
  const answer = (value ?? {}) as { token?: unknown; access_token?: unknown; expires_in?: unknown };
  const token = answer.token ?? answer.access_token;
  // What cannot be in a header cannot be a token either.
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    const type = headerOf(response, 'content-type') ?? 'nothing in particular';
    throw new OciError(
      'ERR_REGISTRY_INVALID',
      `The token service ${response.url.origin} answers without a token (${JSON.stringify(type.slice(0, 80))}).`,
    );
  }
  const lifetime = typeof answer.expires_in === 'number' && answer.expires_in > 0 ? answer.expires_in : defaultLifetime;
  return { token, lifetime };
}
