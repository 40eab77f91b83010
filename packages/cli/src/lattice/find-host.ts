import type { KnownHost } from '@lodge/scheduler-protocol';
import { UserError } from '../user-error.js';
import type { Scheduler } from './scheduler.js';

/** A host, as far as it is known: by its id alone when it was named so. */
export interface FoundHost {
  readonly hostId: string;
  readonly friendlyName: string | undefined;
}

const idPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The host of this id, which need not be heard of, or of this name.
 *
 * @throws UserError when none of that name is heard of within `waitMs`.
 */
export async function findHost(
  scheduler: Scheduler,
  name: string,
  { waitMs, signal }: { readonly waitMs: number; readonly signal: AbortSignal },
): Promise<FoundHost> {
  if (idPattern.test(name)) return { hostId: name, friendlyName: undefined };
  const isMeant = ({ hostId, heartbeat }: KnownHost): boolean => hostId === name || heartbeat.friendlyName === name;
  const [found] = await scheduler.gather(isMeant, waitMs, signal);
  signal.throwIfAborted();
  if (found === undefined) {
    throw new UserError(`no host with the name or id ${name} was heard of in ${waitMs} ms; lodge hosts lists them.`);
  }
  return { hostId: found.hostId, friendlyName: found.heartbeat.friendlyName };
}
