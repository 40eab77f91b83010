import { NatsFailure } from '@lodge-internal/nats';
import { KeyValueError, natsErrors } from '../errors.js';

/** What a guest is told of an error of the connection or the server. */
export function toKeyValueError(error: unknown): KeyValueError {
  if (KeyValueError.is(error)) return error;
  const failure = NatsFailure.from(error);
  const [kind, message] = natsErrors[failure.kind];
  return new KeyValueError(kind, message, failure);
}

/** Whether the failure is of that kind. */
export function isFailure(error: unknown, kind: NatsFailure['kind']): boolean {
  return error instanceof NatsFailure && error.kind === kind;
}
