import { startNatsServer } from '@lodge-internal/test-nats';
import { JetStreamApiError, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, errors } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kindsByCode, kindsByMessage, kindsByName, NatsFailure, type NatsFailureKind } from './nats-failure.js';

describe.each([...kindsByName])('an error with the name %s', (name, kind) => {
  test(`is ${kind}, also as a cause`, () => {
    const error = Object.assign(new Error('some text'), { name });
    expect(NatsFailure.from(error).kind).toBe(kind);
    expect(NatsFailure.from(new Error('wrapped', { cause: error })).kind).toBe(kind);
  });
});

test.each([...kindsByCode])('an error with the code %s is %s', (code, kind) => {
  expect(NatsFailure.from(Object.assign(new Error('some text'), { code })).kind).toBe(kind);
});

test.each([
  ['payload max_payload size exceeded', 'too-large'],
  ['message size exceeds maximum allowed', 'too-large'],
  ['maximum bytes exceeded', 'full'],
  ['maximum messages exceeded', 'full'],
  ["'Permissions Violation for Publish to x'", 'permission-denied'],
  ['connection closed', 'unavailable'],
  ['connection refused', 'unavailable'],
] as const)('the text "%s" is %s', (message, kind) => {
  expect(NatsFailure.from(new Error(message)).kind).toBe(kind);
  expect(kindsByMessage.some(([pattern]) => pattern.test(message))).toBe(true);
});

test('anything else is unknown and keeps its cause', () => {
  const odd = new Error('odd');
  expect(NatsFailure.from(odd)).toMatchObject({ kind: 'unknown', cause: odd });
  expect(NatsFailure.from('text').kind).toBe('unknown');
});

test('the names of the client library are known', () => {
  const unknown = Object.values(errors)
    .map((type) => type.name)
    .filter((name) => !kindsByName.has(name) && !kindsByName.has(name.replace(/Error$/, '')));
  // A protocol error is a defect on either side; a request error is a wrapper around what matters.
  expect(unknown.sort()).toEqual(['ProtocolError', 'RequestError']);
});

describe('errors of a real server', () => {
  const cleanups: AsyncDisposable[] = [];
  let url = '';
  beforeAll(async () => {
    const server = await startNatsServer({ config: 'max_payload: 4096', jetStream: 'max_file_store: 1MB' });
    cleanups.push(server);
    url = server.url;
  });
  afterAll(async () => {
    for (const cleanup of cleanups) await cleanup[Symbol.asyncDispose]();
  });

  const cases: readonly [string, NatsFailureKind, (client: Awaited<ReturnType<typeof connect>>) => Promise<unknown>][] =
    [
      ['a subject that nobody serves', 'no-responders', (client) => client.request('nobody')],
      ['a subject without a stream', 'no-responders', (client) => jetstream(client).publish('nobody')],
      [
        'a stream that does not exist',
        'not-found',
        async (client) => (await jetstreamManager(client)).streams.info('x'),
      ],
      ['too large a message', 'too-large', (client) => client.request('a', new Uint8Array(5_000))],
      [
        'a stream of another form',
        'conflict',
        async (client) => {
          const { streams } = await jetstreamManager(client);
          await streams.add({ name: 'one', subjects: ['one'] });
          await streams.add({ name: 'one', subjects: ['other'] });
        },
      ],
      [
        'a write that is not up to date',
        'conflict',
        async (client) => {
          await (await jetstreamManager(client)).streams.add({ name: 'two', subjects: ['two'] });
          await jetstream(client).publish('two', '', { expect: { lastSubjectSequence: 7 } });
        },
      ],
      [
        'a full stream',
        'full',
        async (client) => {
          const { streams } = await jetstreamManager(client);
          await streams.add({ name: 'three', subjects: ['three'], max_bytes: 100, discard: 'new' });
          await jetstream(client).publish('three', new Uint8Array(50));
          await jetstream(client).publish('three', new Uint8Array(90));
        },
      ],
      [
        'more storage than there is',
        'full',
        async (client) => {
          const { streams } = await jetstreamManager(client);
          await streams.add({ name: 'four', subjects: ['four'], max_bytes: 100_000_000 });
        },
      ],
    ];
  test.each(cases)('%s: %s', async (_name, kind, provoke) => {
    const client = await connect({ servers: url });
    const error = await provoke(client).catch((reason: unknown) => reason);
    await client.close();
    expect(error).toBeInstanceOf(Error);
    expect({ error: String(error), kind: NatsFailure.from(error).kind }).toMatchObject({ kind });
  });

  test('an API error carries its number', () => {
    const error = new JetStreamApiError({ code: 400, err_code: 10071, description: 'wrong last sequence' });
    expect(NatsFailure.from(error).kind).toBe('conflict');
  });
});

test('a failure made by another copy of the package is taken as it is', () => {
  const foreign = Object.assign(new Error('gone'), { name: 'NatsFailure', kind: 'not-found' });
  expect(foreign instanceof NatsFailure).toBe(true);
  expect(NatsFailure.from(foreign)).toBe(foreign);
  expect(new Error('gone') instanceof NatsFailure).toBe(false);
});
