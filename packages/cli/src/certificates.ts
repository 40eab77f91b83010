import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { OptionValues } from './command.js';
import { unreadable } from './component-file.js';
import { UserError } from './user-error.js';

const variables = {
  'oci-ca-path': 'WASH_OCI_CA_PATHS',
  'ca-path': 'WASH_OCI_CA_PATHS',
  'http-client-ca-path': 'WASH_HTTP_CLIENT_CA_PATHS',
} as const;

/**
 * Reads the files that an option, or else its variable, names: commas stand between them.
 *
 * @throws HostError `ERR_FILE_UNREADABLE`; UserError for a file without a certificate.
 */
export async function readCertificates(
  name: keyof typeof variables,
  options: OptionValues,
): Promise<readonly string[]> {
  const given = options.has(name) ? options.all(name) : [process.env[variables[name]] ?? ''];
  const files = given.flatMap((text) => text.split(',')).filter((file) => file.trim() !== '');
  return Promise.all(files.map((file) => readCertificate(file.trim())));
}

/**
 * A certificate in PEM, or several. A file that holds none would fail at each connection, or trust nothing.
 *
 * @throws HostError `ERR_FILE_UNREADABLE`; UserError.
 */
export async function readCertificate(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error);
  });
  try {
    new X509Certificate(text);
  } catch {
    throw new UserError(`${file} holds no certificate in PEM.`);
  }
  return text;
}
