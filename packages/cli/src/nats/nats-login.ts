import { access, constants } from 'node:fs/promises';
import type { NatsOptions } from '@lodge-internal/nats';
import { readCertificate } from '../certificates.js';
import type { OptionValues } from '../command.js';
import { unreadable } from '../component-file.js';
import { readSecret } from '../secret-file.js';
import { UsageError } from '../usage-error.js';
import { variableOf } from './nats-flags.js';

/** How to log in at a NATS server, and what to trust. */
export type NatsLogin = Pick<NatsOptions, 'credentialsFile' | 'user' | 'password' | 'token' | 'tls'>;

/**
 * Reads what {@link natsFlags} describes.
 *
 * @throws UsageError for two ways to log in, or half of one; HostError `ERR_FILE_UNREADABLE`.
 */
export async function readNatsLogin(prefix: string, options: OptionValues): Promise<NatsLogin> {
  const variable = variableOf(prefix);
  const get = (name: string, suffix: string): string | undefined =>
    options.get(`${prefix}-${name}`) ?? nonEmpty(process.env[`${variable}_${suffix}`]);
  const secret = async (name: string): Promise<string | undefined> => {
    const file = get(`${name}-file`, `${name.toUpperCase()}_FILE`);
    return file === undefined ? nonEmpty(process.env[`${variable}_${name.toUpperCase()}`]) : readSecret(file);
  };
  const credentialsFile = get('creds', 'CREDS');
  const user = get('user', 'USER');
  const [password, token] = [await secret('password'), await secret('token')];
  const ways = [credentialsFile, user ?? password, token].filter((value) => value !== undefined);
  if (ways.length > 1) {
    throw new UsageError(
      `--${prefix}-creds, --${prefix}-user and --${prefix}-token-file, and their variables: give one of the three.`,
    );
  }
  if ((user === undefined) !== (password === undefined)) {
    throw new UsageError(
      `a NATS user has a password: give --${prefix}-user with --${prefix}-password-file or ${variable}_PASSWORD.`,
    );
  }
  if (credentialsFile !== undefined) await checkReadable(credentialsFile);
  const tls = await readTls(prefix, get, options);
  return {
    ...(credentialsFile !== undefined && { credentialsFile }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(token !== undefined && { token }),
    ...(tls !== undefined && { tls }),
  };
}

async function readTls(
  prefix: string,
  get: (name: string, suffix: string) => string | undefined,
  options: OptionValues,
): Promise<NatsLogin['tls']> {
  const caFile = get('tls-ca', 'TLS_CA');
  const certFile = get('tls-cert', 'TLS_CERT');
  const keyFile = get('tls-key', 'TLS_KEY');
  const handshakeFirst = options.has(`${prefix}-tls-first`);
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new UsageError(`--${prefix}-tls-cert and --${prefix}-tls-key belong together.`);
  }
  for (const file of [caFile, certFile]) if (file !== undefined) await readCertificate(file);
  if (keyFile !== undefined) await checkReadable(keyFile);
  if (caFile === undefined && certFile === undefined && !handshakeFirst) return undefined;
  return {
    ...(caFile !== undefined && { caFile }),
    ...(certFile !== undefined && keyFile !== undefined && { certFile, keyFile }),
    ...(handshakeFirst && { handshakeFirst }),
  };
}

/** Known before the server is asked: a missing file would look like a server that does not answer. */
async function checkReadable(file: string): Promise<void> {
  await access(file, constants.R_OK).catch((error: unknown) => {
    throw unreadable(file, error);
  });
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
