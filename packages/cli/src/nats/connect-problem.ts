import { HostError } from '@lodge/core';
import { NatsFailure } from '@lodge-internal/nats';

/** Why a server was not connected to. */
export interface ConnectProblem {
  /** Goes after the name of the server, and says what to do. */
  readonly text: string;
  /** Whether trying again does not help until somebody changes something. */
  readonly isFinal: boolean;
}

/** What the error of an attempt tells, where it is not that nobody answers. */
const finalProblems: readonly (readonly [RegExp, string])[] = [
  // Codes of OpenSSL, as Node hands them on.
  [/ERR_OSSL/, 'was not asked: the client certificate and its key cannot be used, or do not belong together.'],
  [
    /CERT|VERIFY_LEAF|UNABLE_TO_GET_ISSUER/,
    'has a certificate that is not trusted: name the file of its authority as tls-ca, and the server as its certificate does.',
  ],
  [/server does not support 'tls'/, 'has no TLS, which the url or the options want.'],
  [/unable to parse credentials/, 'was not asked: the credentials file has no credentials in it.'],
];

/** Takes the error of an attempt to connect apart. */
export function connectProblem(error: unknown): ConnectProblem {
  if (NatsFailure.from(error).kind === 'permission-denied') {
    const text = 'refuses the login: check the user, the password, the token or the credentials file.';
    return { text, isFinal: true };
  }
  const reason = reasonOf(error);
  const known = finalProblems.find(([pattern]) => pattern.test(reason))?.[1];
  if (known !== undefined) return { text: known, isFinal: true };
  return { text: `cannot be reached (${reason}): start the server or correct the url.`, isFinal: HostError.is(error) };
}

/** A code where there is one, such as `ECONNREFUSED`. Texts of the client library hold no logins. */
export function reasonOf(error: unknown): string {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth++) {
    if ('code' in current && typeof current.code === 'string') return current.code;
  }
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]?.slice(0, 100) ?? '';
}
