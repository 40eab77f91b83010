import { readFile } from 'node:fs/promises';
import { unreadable } from './component-file.js';
import { UsageError } from './usage-error.js';

/** Bytes of a password or token that a file may hold. */
const maxSecretBytes = 65_536;

/**
 * A secret in a file, without the line end that editors leave.
 *
 * @throws HostError `ERR_FILE_UNREADABLE`; UsageError for a file that is empty or too long.
 */
export async function readSecret(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error);
  });
  const value = text.replace(/\r?\n$/, '');
  if (value === '' || text.length > maxSecretBytes) {
    throw new UsageError(`${file} holds no password or token: it is ${value === '' ? 'empty' : 'too long'}.`);
  }
  return value;
}
