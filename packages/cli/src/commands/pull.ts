import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { HostError } from '@lodge/core';
import type { RunCommand } from '../command.js';
import { exitCode } from '../exit-code.js';
import { openRegistry } from '../registry/open-registry.js';

/** `lodge pull`: fetches a component from a registry into a file. */
export const run: RunCommand = async ({ positionals, options }, context) => {
  const [reference = '', file = 'component.wasm'] = positionals;
  const path = resolve(context.workingFolder, file);
  await using registry = await openRegistry(options, context);
  const { bytes, digest } = await registry.client.pull(reference, { ...registry.transfer, policy: 'always' });
  await replaceFile(path, bytes);
  const message = `pulled ${reference} (${digest}) to ${path}`;
  const facts = { output_path: path, bytes: bytes.byteLength, digest };
  context.reporter.result(message, { message, success: true, ...facts });
  return exitCode.success;
};

/** Whoever reads the file sees the old component or the new one, and never a part. */
async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, bytes, { flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new HostError('ERR_CONFIG_INVALID', `${path} cannot be written (${reason}): choose another file.`, {
      cause: error,
      details: { path },
    });
  }
}
