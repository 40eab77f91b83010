import { HostError } from '../errors.js';
import { messageChain } from '../failure.js';
import type { ComponentLoader } from '../loader.js';
import type { PlannedComponent } from './component-info.js';
import { orAbort } from './patience.js';

/** A component with its bytes. */
export interface LoadedComponent extends PlannedComponent {
  readonly bytes: Uint8Array;
}

/**
 * Loads the bytes of all components at the same time. The first failure gives up the others.
 *
 * @throws HostError `ERR_COMPONENT_NOT_FOUND`, or the loader's own, with the component and its reference in the message.
 */
export async function loadComponents(
  planned: readonly PlannedComponent[],
  loader: ComponentLoader | undefined,
  signal: AbortSignal,
): Promise<LoadedComponent[]> {
  const controller = new AbortController();
  const giveUp = (): void => controller.abort(signal.reason);
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp);
  try {
    return await Promise.all(
      planned.map(async (entry) => ({ ...entry, bytes: await loadComponent(entry, loader, controller.signal) })),
    );
  } catch (error) {
    controller.abort(error);
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

async function loadComponent(
  { component, source }: PlannedComponent,
  loader: ComponentLoader | undefined,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if ('bytes' in source) return source.bytes;
  try {
    if (loader === undefined) {
      throw new HostError('ERR_COMPONENT_NOT_FOUND', 'the host has no loader; give bytes, or a loader to createHost');
    }
    const { workload, name } = component;
    const options = component.kind === 'service' ? { signal, workload } : { signal, workload, component: name };
    const bytes = await orAbort(loader(source, options), signal);
    if (bytes instanceof Uint8Array) return bytes;
    throw new HostError('ERR_COMPONENT_NOT_FOUND', 'the loader answered with something that is not a Uint8Array');
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const target = component.kind === 'service' ? 'the workload service' : `component '${component.name}'`;
    const code = HostError.is(error) ? error.code : 'ERR_COMPONENT_NOT_FOUND';
    const message = `failed to pull image for ${target}: ${source.image}: ${messageChain(error)}`;
    throw new HostError(code, message, { cause: error, details: { component: component.name, image: source.image } });
  }
}
