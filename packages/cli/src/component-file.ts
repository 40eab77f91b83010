import { readFile } from 'node:fs/promises';
import { HostError } from '@lodge/core';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist: check the path, or build the component first',
  ENOTDIR: 'does not exist: a part of its path is a file',
  EISDIR: 'is a folder: name the component file in it',
  EACCES: 'may not be read: check its permissions',
  EPERM: 'may not be read: check its permissions',
  EMFILE: 'could not be opened: this process has too many open files',
};

/**
 * Reads a component from a file. What the bytes are is the engine's to say.
 *
 * @throws HostError `ERR_FILE_UNREADABLE`.
 */
export async function readComponent(path: string): Promise<Uint8Array> {
  try {
    const bytes = await readFile(path);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** What to say of a file that could not be read. */
export function unreadable(path: string, error: unknown): HostError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = reasons[code] ?? `could not be read (${error instanceof Error ? error.message : String(error)})`;
  return new HostError('ERR_FILE_UNREADABLE', `${path} ${reason}.`, { cause: error, details: { path } });
}
