import { HostError } from '@lodge/core';
import type { NatsConnection } from '@nats-io/nats-core';
import type { ConnectionWatch } from '../connection-watch.js';
import { decodeMessage } from '../protojson/codec.js';
import type { MessageType } from '../protojson/message-type.js';
import { commandSubject, type HostCommand } from '../subjects.js';

/** One question to one host. */
export interface HostRequest<T> {
  readonly hostId: string;
  readonly command: HostCommand;
  readonly data: Uint8Array;
  readonly answer: MessageType<T>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Bytes of an answer; a heartbeat is the largest of them. */
const maxAnswerBytes = 262_144;

/**
 * Asks and waits for the answer.
 *
 * @throws HostError `ERR_HOST_UNREACHABLE`, `ERR_HOST_TIMEOUT`, `ERR_MESSAGE_INVALID`, `ERR_CALL_ABORTED`
 */
export async function askHost<T>(
  connection: NatsConnection,
  watch: ConnectionWatch,
  request: HostRequest<T>,
): Promise<T> {
  const { hostId, command, data, answer, timeoutMs, signal } = request;
  const subject = commandSubject(hostId, command);
  const target = `host ${hostId}`;
  if (signal?.aborted) throw aborted(target, command, signal);
  // The library would send it once it is connected again, when the caller has long been told that it failed.
  if (!watch.isConnected) throw new HostError('ERR_HOST_UNREACHABLE', `${target} was not asked: NATS is not connected`);
  const asked = connection.request(subject, data, { timeout: timeoutMs }).catch((error: unknown) => {
    throw toHostError(error, request);
  });
  const message = await orAborted(asked, signal, () => aborted(target, command, signal));
  try {
    return decodeMessage(answer, message.data, { maxBytes: maxAnswerBytes });
  } catch (error) {
    if (!HostError.is(error, 'ERR_MESSAGE_INVALID')) throw error;
    const text = `${target} answered ${command} with what cannot be read: ${error.message}`;
    throw new HostError('ERR_MESSAGE_INVALID', text, { cause: error, details: { ...error.details, hostId, command } });
  }
}

function toHostError(
  error: unknown,
  { hostId, command, timeoutMs }: Pick<HostRequest<unknown>, 'hostId' | 'command' | 'timeoutMs'>,
): HostError {
  const details = { hostId, command };
  const names = namesOf(error);
  if (names.includes('TimeoutError')) {
    const message = `host ${hostId} did not answer ${command} in ${timeoutMs} ms; whether it did it is unknown`;
    return new HostError('ERR_HOST_TIMEOUT', message, { cause: error, details });
  }
  const reason = names.includes('NoResponders')
    ? 'nobody answers under its id on this NATS server and account'
    : messageOf(error);
  return new HostError('ERR_HOST_UNREACHABLE', `host ${hostId} cannot be asked for ${command}: ${reason}`, {
    cause: error,
    details,
  });
}

/** By name, because the connection may come from another copy of the library. The library wraps what it throws. */
function namesOf(error: unknown): string[] {
  const names: string[] = [];
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    names.push(current.name);
    current = current.cause;
  }
  return names;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function aborted(target: string, command: HostCommand, signal: AbortSignal | undefined): HostError {
  const message = `${command} to ${target} was given up; whether the host does it is unknown`;
  return new HostError('ERR_CALL_ABORTED', message, { cause: signal?.reason });
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined, toError: () => Error): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(toError());
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
