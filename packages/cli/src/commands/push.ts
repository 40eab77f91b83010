import { resolve } from 'node:path';
import { HostError } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import type { ComponentWorld } from '@lodge/oci';
import type { RunCommand } from '../command.js';
import { readComponent } from '../component-file.js';
import { exitCode } from '../exit-code.js';
import { componentAnnotations } from '../registry/component-metadata.js';
import { openRegistry } from '../registry/open-registry.js';

/** `lodge push`: stores a component in a registry, with what it says of itself. */
export const run: RunCommand = async ({ positionals, options }, context) => {
  const [reference = '', file = ''] = positionals;
  const bytes = await readComponent(resolve(context.workingFolder, file));
  const component = await readWorld(bytes, context.shutdown.signal);
  const created = new Date();
  const annotations = { ...componentAnnotations(bytes), 'org.opencontainers.image.created': created.toISOString() };
  await using registry = await openRegistry(options, context);
  const config = { created, ...(component !== undefined && { component }) };
  const { digest } = await registry.client.push(reference, bytes, { ...registry.transfer, annotations, config });
  const message = `pushed ${reference} (${digest})`;
  context.reporter.result(message, { message, success: true, digest });
  return exitCode.success;
};

/**
 * The names of what it imports and exports; nothing for a component that this engine cannot run, but another host may.
 *
 * @throws HostError `ERR_COMPONENT_INVALID`.
 */
async function readWorld(bytes: Uint8Array, signal: AbortSignal): Promise<ComponentWorld | undefined> {
  try {
    const { imports, exports } = await lodgeEngine().inspect(bytes, { signal });
    return { imports: imports.map(nameOf), exports: exports.map(nameOf) };
  } catch (error) {
    if (HostError.is(error, 'ERR_COMPONENT_UNSUPPORTED')) return undefined;
    throw error;
  }
}

function nameOf({ externName, id }: { readonly externName: string; readonly id: string | undefined }): string {
  return id ?? externName;
}
