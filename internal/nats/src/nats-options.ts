import { readFileSync } from 'node:fs';
import { HostError } from '@lodge/core';
import { credsAuthenticator, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';

/** Where the NATS server is, and how to log in. */
export interface NatsOptions {
  /** A connection that the caller opened and will close. Nothing else but `timeoutMs` counts then. */
  readonly connection?: NatsConnection;
  /** `nats://host:port` or `host:port`; `nats://user:password@host:port` logs in. @default `127.0.0.1:4222` */
  readonly url?: string;
  /** Several servers of one cluster, instead of `url`. */
  readonly servers?: readonly string[];
  /** A `.creds` file with a JWT and its key. Read again at each reconnect. */
  readonly credentialsFile?: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  readonly tls?: NatsTlsOptions;
  /** What the server lists the connection as. @default `lodge <host id>` */
  readonly name?: string;
  /** Milliseconds until a request without an answer fails, and a lost connection is waited for. @default 5_000 */
  readonly timeoutMs?: number;
}

/** Files in PEM format. */
export interface NatsTlsOptions {
  /** Certificates that are trusted instead of those that come with Node. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** TLS before the server's greeting, for servers that are set up so. @default false */
  readonly handshakeFirst?: boolean;
}

/** The default of {@link NatsOptions.timeoutMs}. */
export const defaultTimeoutMs = 5_000;

/** The addresses, for messages: without whatever logs in. */
export function describeServers(options: NatsOptions): string {
  return parseServers(options)
    .map(({ address }) => address)
    .join(', ');
}

/**
 * What the client library wants.
 *
 * @throws HostError `ERR_CONFIG_INVALID` for an address that is none, `ERR_FILE_UNREADABLE` for a missing credentials file
 */
export function toConnectionOptions(options: NatsOptions, defaultName: string): NodeConnectionOptions {
  const servers = parseServers(options);
  const login = servers.find(({ user }) => user !== undefined);
  const { credentialsFile, user = login?.user, password = login?.password, token, tls, name = defaultName } = options;
  return {
    servers: servers.map(({ address }) => address),
    name,
    // A host outlives its servers: it tries as long as it runs.
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    ignoreAuthErrorAbort: true,
    pingInterval: 20_000,
    timeout: options.timeoutMs ?? defaultTimeoutMs,
    // Stack traces of each request cost more than the request.
    noAsyncTraces: true,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { pass: password }),
    ...(token === undefined ? {} : { token }),
    ...(tls === undefined && !servers.some(({ isTls }) => isTls) ? {} : { tls: { ...tls } }),
    ...(credentialsFile === undefined ? {} : { authenticator: fileAuthenticator(credentialsFile) }),
  };
}

/** Credentials are renewed in place, so each login reads them; half-written ones wait for the next attempt. */
function fileAuthenticator(file: string): ReturnType<typeof credsAuthenticator> {
  let last: Uint8Array;
  try {
    last = readFileSync(file);
  } catch (error) {
    throw new HostError('ERR_FILE_UNREADABLE', `The NATS credentials file '${file}' cannot be read.`, { cause: error });
  }
  return credsAuthenticator(() => {
    try {
      last = readFileSync(file);
    } catch {
      // The earlier ones may still do.
    }
    return last;
  });
}

interface ServerAddress {
  readonly address: string;
  /** Whether it asks for TLS, so that a server without it is refused. */
  readonly isTls: boolean;
  readonly user?: string;
  readonly password?: string;
}

function parseServers({ url, servers = [url ?? '127.0.0.1:4222'] }: NatsOptions): ServerAddress[] {
  if (servers.length === 0) throw invalidAddress('an empty list');
  return servers.map(parseServer);
}

function parseServer(text: string): ServerAddress {
  const [, scheme = 'nats', rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/s.exec(text) ?? [];
  if (scheme !== 'nats' && scheme !== 'tls') throw invalidAddress(`the scheme '${scheme}'`);
  let parsed: URL;
  try {
    // The parser of web addresses knows ports, brackets and escapes; of unknown schemes it would leave the host as it is.
    parsed = new URL(`http://${rest}`);
  } catch {
    throw invalidAddress('an address that is none');
  }
  if (parsed.pathname !== '/' || parsed.search !== '' || parsed.hash !== '') throw invalidAddress('a path');
  const port = /:(\d+)\/?$/.exec(rest)?.[1] ?? '4222';
  const address = `${parsed.hostname}:${port}`;
  const isTls = scheme === 'tls';
  if (parsed.username === '') return { address, isTls };
  try {
    return { address, isTls, user: decodeURIComponent(parsed.username), password: decodeURIComponent(parsed.password) };
  } catch {
    throw invalidAddress('a login with a broken % escape');
  }
}

/** The address itself may hold a password, so it is not quoted. */
function invalidAddress(what: string): HostError {
  return new HostError('ERR_CONFIG_INVALID', `The NATS url has ${what}; write it as nats://host:port.`, {
    details: { path: 'url' },
  });
}
