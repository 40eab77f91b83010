import { HostError } from '@lodge/core';
import { type NatsClient, NatsFailure } from '@lodge-internal/nats';
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamSettings } from './settings.js';

/** Where a message in a stream says where its reply goes: the protocol's own field is taken by the stream. */
export const replyToHeader = 'Lodge-Reply-To';

/** The two faces of the client library. */
export interface JetStream {
  readonly context: JetStreamClient;
  readonly manager: JetStreamManager;
}

/** @throws NatsFailure */
export async function openJetStream(client: NatsClient): Promise<JetStream> {
  const { connection, timeoutMs } = client;
  const manager = await client.call(() => jetstreamManager(connection, { checkAPI: false, timeout: timeoutMs }));
  return { context: jetstream(connection, { timeout: timeoutMs }), manager };
}

/** What {@link findStream} works with. */
export interface FindStreamOptions {
  readonly client: NatsClient;
  readonly manager: JetStreamManager;
  readonly settings: JetStreamSettings;
  readonly subject: string;
  /** The key that names the subject, for errors. */
  readonly path: string;
}

/**
 * The stream that keeps `subject`.
 *
 * @throws HostError `ERR_CONFIG_INVALID` when there is none, or several and none is named; NatsFailure
 */
export async function findStream(options: FindStreamOptions): Promise<string> {
  const { client, manager, settings, subject, path } = options;
  if (settings.stream !== undefined) return settings.stream;
  let names: string[];
  try {
    names = await client.call(() => manager.streams.names(subject).next());
  } catch (error) {
    throw streamError(path, subject, error);
  }
  const [name] = names;
  if (name === undefined) throw noStream(path, subject, undefined);
  if (names.length > 1) {
    const problem = `has '${subject}', which several streams keep (${names.join(', ').slice(0, 200)}); set 'stream'`;
    throw new HostError('ERR_CONFIG_INVALID', `${path} ${problem}.`, { details: { path } });
  }
  return name;
}

/** The error for a stream that cannot be used. */
export function streamError(path: string, subject: string, error: unknown): Error {
  if (HostError.is(error)) return error;
  const failure = NatsFailure.from(error);
  switch (failure.kind) {
    case 'not-found':
      return noStream(path, subject, failure);
    case 'no-responders':
      return invalid(path, `has '${subject}', but the server has no JetStream; switch it on`, failure);
    case 'permission-denied':
      return invalid(
        path,
        `has '${subject}', but NATS denies its streams; grant $JS.API.> to the host's user`,
        failure,
      );
    default:
      return failure;
  }
}

function noStream(path: string, subject: string, cause: unknown): HostError {
  return invalid(path, `has '${subject}', which no stream keeps; make a stream for it`, cause);
}

function invalid(path: string, problem: string, cause: unknown): HostError {
  return new HostError('ERR_CONFIG_INVALID', `${path} ${problem}.`, { cause, details: { path } });
}
