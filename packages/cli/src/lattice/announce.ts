import type { Logger } from '@lodge/core';
import { commandSubject, heartbeatSubject } from '@lodge/scheduler-protocol';
import type { NatsConnection } from '@nats-io/transport-node';

/**
 * Whoever publishes here hears of every Lodge host at once, instead of within one interval between heartbeats. It is no part of wasmCloud's host API, and hosts that
 * do not know it are none the worse.
 */
export const announceSubject = 'runtime.lodge.announce';

/** Milliseconds in which any number of requests is one. */
const gatherMs = 50;
const selfTimeoutMs = 2_000;

/** Publishes a heartbeat of the host out of turn for whoever asks. Ends with the connection. */
export function announceOnRequest(connection: NatsConnection, hostId: string, logger: Logger): void {
  let isGathering = false;
  connection.subscribe(announceSubject, {
    callback: (error) => {
      if (error !== null) {
        logger.log('warn', 'this host cannot be asked to announce itself', { error });
        return;
      }
      if (isGathering) return;
      isGathering = true;
      setTimeout(() => {
        isGathering = false;
        announce(connection, hostId).catch((reason: unknown) => {
          logger.log('debug', 'an announcement failed', { error: reason });
        });
      }, gatherMs);
    },
  });
}

/** The host answers itself as it would answer any scheduler. */
async function announce(connection: NatsConnection, hostId: string): Promise<void> {
  const own = await connection.request(commandSubject(hostId, 'heartbeat'), '{}', { timeout: selfTimeoutMs });
  connection.publish(heartbeatSubject(hostId), own.data);
}
