import { commandSubject } from '@lodge/scheduler-protocol';
import type { NatsConnection } from '@nats-io/transport-node';

const askMs = 2_000;

/**
 * Whether what components use reaches the host API: asks the host for a heartbeat over the data connection. Where both connections log in to one account it
 * answers, whatever the credentials are called; between accounts nobody does.
 */
export async function isHostApiExposed(data: NatsConnection, hostId: string): Promise<boolean> {
  try {
    await data.request(commandSubject(hostId, 'heartbeat'), '{}', { timeout: askMs });
    return true;
  } catch {
    return false;
  }
}
