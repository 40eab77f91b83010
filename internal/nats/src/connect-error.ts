import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { HostError } from '@lodge/core';
import { NatsFailure } from './nats-failure.js';
import type { NatsOptions } from './nats-options.js';

/** What is wrong and what to do, where the error of the first attempt tells. */
const reasons: readonly (readonly [RegExp, string])[] = [
  // Codes of OpenSSL, as Node hands them on.
  [
    /CERT|VERIFY_LEAF|UNABLE_TO_GET_ISSUER/,
    'has a certificate that is not trusted; name the file of its authority as tls.caFile, and the server as its certificate does.',
  ],
  [/server does not support 'tls'/, 'has no TLS, which the url or the options want.'],
  [/unable to parse credentials/, 'cannot be logged in to: the credentials file has no credentials in it.'],
];

/** The error for operators when the first attempt to connect fails. It has the addresses, and nothing that logs in. */
export function connectError(address: string, error: unknown): HostError {
  return new HostError('ERR_CONFIG_INVALID', `NATS at ${address} ${describe(error)}`, { cause: error });
}

function describe(error: unknown): string {
  if (NatsFailure.from(error).kind === 'permission-denied') {
    return 'refuses the login; check user, password, token or credentials file.';
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const text = `${code} ${error instanceof Error ? error.message : ''}`;
  const reason = reasons.find(([pattern]) => pattern.test(text))?.[1];
  return reason ?? 'cannot be reached; start the server or correct the url.';
}

/**
 * Looks whether the files for TLS can be read: the client library would say that the server cannot be reached.
 *
 * @throws HostError `ERR_FILE_UNREADABLE` naming the file
 */
export async function checkTlsFiles({ tls = {} }: NatsOptions): Promise<void> {
  for (const key of ['caFile', 'certFile', 'keyFile'] as const) {
    const file = tls[key];
    if (file === undefined) continue;
    await access(file, constants.R_OK).catch((cause: unknown) => {
      const message = `The file '${file}' for TLS with NATS (tls.${key}) cannot be read.`;
      throw new HostError('ERR_FILE_UNREADABLE', message, { cause, details: { path: file } });
    });
  }
}
