import { HostError } from '@lodge/core';
import { NatsFailure, type NatsFailureKind } from '@lodge-internal/nats';

/** What to do about a bucket that cannot be opened. A bucket that is not there is no error here. */
export const openProblems: ReadonlyMap<NatsFailureKind, string> = new Map<NatsFailureKind, string>([
  ['unavailable', 'NATS is not connected; start the server'],
  ['timeout', 'NATS does not answer; check the server'],
  ['permission-denied', "the account may not read it; grant its user $JS.API.> for the bucket's stream"],
  ['no-responders', 'the server has no JetStream; switch it on'],
]);

/** The error for operators of a bucket that cannot be opened. */
export function openError(bucket: string, error: unknown): HostError {
  if (HostError.is(error)) return error;
  const { kind } = NatsFailure.from(error);
  const problem = openProblems.get(kind) ?? 'NATS failed';
  return new HostError('ERR_CONFIG_INVALID', `The config bucket '${bucket}' cannot be read: ${problem}.`, {
    cause: error,
    details: { bucket, kind },
  });
}
