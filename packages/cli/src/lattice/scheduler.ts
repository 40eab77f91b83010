import { silentLogger } from '@lodge/core';
import { type KnownHost, type SchedulerClient, schedulerClient } from '@lodge/scheduler-protocol';
import type { OptionValues } from '../command.js';
import { openNatsLink } from '../nats/nats-link.js';
import { readServerNats } from '../nats/read-nats.js';
import { announceSubject } from './announce.js';

/** A client of the hosts of a lattice, which have been asked to announce themselves. */
export interface Scheduler extends AsyncDisposable {
  readonly client: SchedulerClient;
  /**
   * The first host that fits, with those that are heard of a moment later, so that a choice among them is fair. Empty when `waitMs` is over.
   */
  gather(fits: (host: KnownHost) => boolean, waitMs: number, signal: AbortSignal): Promise<readonly KnownHost[]>;
  /** Every host that is heard of within `waitMs`. */
  listen(waitMs: number, signal: AbortSignal): Promise<readonly KnownHost[]>;
}

/** Milliseconds in which every Lodge host has announced itself. */
const gatherMs = 250;

/** Connects to the scheduler's NATS, once. @throws UsageError; HostError `ERR_CONFIG_INVALID`, `ERR_FILE_UNREADABLE`. */
export async function openScheduler(options: OptionValues): Promise<Scheduler> {
  const nats = await readServerNats('scheduler-nats', options);
  const role = 'the NATS of the scheduler';
  const link = await openNatsLink({ nats, role, clientName: 'lodge', logger: silentLogger });
  const client = schedulerClient(link.connection);
  link.connection.publish(announceSubject);
  const listen = async (waitMs: number, signal: AbortSignal): Promise<readonly KnownHost[]> => {
    await isHeardOf(client, () => false, AbortSignal.any([signal, AbortSignal.timeout(waitMs)]));
    return client.hosts();
  };
  return {
    client,
    async gather(fits, waitMs, signal) {
      if (!(await isHeardOf(client, fits, AbortSignal.any([signal, AbortSignal.timeout(waitMs)])))) return [];
      return (await listen(gatherMs, signal)).filter(fits);
    },
    listen,
    async [Symbol.asyncDispose]() {
      await client.close();
      await link.close();
    },
  };
}

/** Waits for a host that fits; the signal ends that. */
async function isHeardOf(
  client: SchedulerClient,
  fits: (host: KnownHost) => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  for await (const { type, host } of client.changes({ signal })) if (type !== 'left' && fits(host)) return true;
  return false;
}
