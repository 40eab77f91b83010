import { randomUUID, sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { registryCertificate } from './certificate.js';

/** Options of {@link startTokenServer}. */
export interface TokenServerOptions {
  /** Who may push. Everybody else may only pull what {@link TokenServerOptions.isPublic} says. */
  readonly user: { readonly username: string; readonly password: string };
  /** A token that stands for the user. */
  readonly identityToken?: string;
  /** Whether a repository may be pulled by everybody. @default no repository */
  readonly isPublic?: (repository: string) => boolean;
  /** Seconds that a token is good for. @default 300 */
  readonly expiresIn?: number;
}

/** A request for a token. */
export interface TokenRequest {
  readonly method: string;
  readonly scopes: readonly string[];
  /** The `authorization` header. */
  readonly authorization: string | undefined;
  readonly isKnownUser: boolean;
}

/** A token service as registries with bearer authentication send clients to. */
export interface TokenServer extends AsyncDisposable {
  /** Its address. */
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** What it was asked, oldest first. */
  readonly requests: readonly TokenRequest[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a token service on a random loopback port. */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const requests: TokenRequest[] = [];
  const issuer = 'test issuer';
  const service = 'test registry';
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const parameters = request.method === 'POST' ? new URLSearchParams(await text(request)) : url.searchParams;
    const { authorization } = request.headers;
    const isAnonymous = authorization === undefined && request.method !== 'POST';
    const basic = Buffer.from(`${options.user.username}:${options.user.password}`).toString('base64');
    const isIdentity =
      parameters.get('grant_type') === 'refresh_token' &&
      options.identityToken !== undefined &&
      parameters.get('refresh_token') === options.identityToken;
    const isKnownUser = authorization === `Basic ${basic}` || isIdentity;
    const scopes = parameters.getAll('scope');
    requests.push({ method: request.method ?? '', scopes, authorization, isKnownUser });
    if (!isKnownUser && !isAnonymous) {
      response.writeHead(401).end(JSON.stringify({ details: 'incorrect username or password' }));
      return;
    }
    const access = scopes.map((scope) => {
      const [type = '', name = '', actions = ''] = scope.split(':');
      const granted = isKnownUser ? actions.split(',') : options.isPublic?.(name) === true ? ['pull'] : [];
      return { type, name, actions: granted.filter((action) => actions.split(',').includes(action)) };
    });
    const token = signToken({ issuer, service, access, expiresIn: options.expiresIn ?? 300 });
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ [isIdentity ? 'access_token' : 'token']: token, expires_in: options.expiresIn ?? 300 }),
    );
  }

  return {
    realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    service,
    issuer,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A JSON Web Token as the registry checks it: signed with the key of a certificate that it trusts, which comes along. */
function signToken(options: { issuer: string; service: string; access: unknown; expiresIn: number }): string {
  const seconds = Math.floor(Date.now() / 1000);
  const certificate = new X509Certificate(registryCertificate.cert).raw.toString('base64');
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ typ: 'JWT', alg: 'ES256', x5c: [certificate] })}.${encode({
    iss: options.issuer,
    sub: '',
    aud: options.service,
    exp: seconds + options.expiresIn,
    nbf: seconds - 10,
    iat: seconds,
    jti: randomUUID(),
    access: options.access,
  })}`;
  const key = { key: registryCertificate.key, dsaEncoding: 'ieee-p1363' as const };
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}
