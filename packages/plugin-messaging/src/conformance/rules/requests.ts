import assert from 'node:assert/strict';
import type { Rule } from '@lodge/plugin-conformance';
import { neverAborted } from '@lodge-internal/conformance';
import type { Message, MessagingSession } from '../../backend.js';
import type { MessagingBackendSetup } from '../setup.js';
import { publish, type Stage, withBackend } from '../stage.js';

const skipReason = ({ supports }: MessagingBackendSetup): string | undefined =>
  supports.requests ? undefined : 'subscriptions get no requests';

/** Requests, replies, and replies that do not come. */
export const requestRules: readonly Rule<MessagingBackendSetup>[] = [
  {
    name: 'answers a request with the reply',
    skipReason,
    check: (setup) =>
      withBackend(setup, async (stage) => {
        await echo(stage, 'conformance.echo');
        const session = await stage.open();
        const replies = await Promise.all(
          Array.from({ length: 20 }, (_, index) => request(session, 'conformance.echo', String(index))),
        );
        const texts = replies.map(({ body }) => new TextDecoder().decode(body));
        assert.deepEqual(
          texts,
          replies.map((_, index) => String(index)),
          'replies go to other requests',
        );
      }),
  },
  {
    name: 'answers with the first reply only',
    skipReason,
    check: (setup) =>
      withBackend(setup, async (stage) => {
        await echo(stage, 'conformance.many');
        await echo(stage, 'conformance.many');
        const session = await stage.open();
        for (const text of ['a', 'b', 'c']) {
          const { body } = await request(session, 'conformance.many', text);
          assert.equal(new TextDecoder().decode(body), text, 'a late reply answers another request');
        }
      }),
  },
  {
    name: 'gives the reply a subject that nobody can guess',
    skipReason,
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const { messages } = await echo(stage, 'conformance.inbox');
        const session = await stage.open();
        await request(session, 'conformance.inbox', 'a');
        await request(session, 'conformance.inbox', 'b');
        const [first = '', second = ''] = messages.map(({ replyTo }) => replyTo);
        assert.match(first, /^_INBOX\..{16,}/, 'inboxes begin with _INBOX. and go on at random');
        assert.notEqual(first, second, 'two requests have one inbox');
      }),
  },
  {
    name: 'fails at once when nobody listens',
    skipReason,
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const session = await stage.open();
        await stage.failsWith(request(session, 'conformance.nobody', ''), 'no-responders', 'a request to nobody');
      }),
  },
  {
    name: 'fails when the time is over, and lets go of the request',
    skipReason,
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const session = await stage.open();
        await stage.listen({ session, subjects: ['conformance.silent'] });
        const before = await stage.held();
        await stage.failsWith(request(session, 'conformance.silent', '', 20), 'timeout', 'a request without a reply');
        assert.equal(await stage.held(), before, 'something is held for a request that is over');
      }),
  },
  {
    name: 'gives up a request whose signal aborts, and lets go of it',
    skipReason,
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const session = await stage.open();
        const { messages } = await stage.listen({ session, subjects: ['conformance.silent'] });
        const before = await stage.held();
        const controller = new AbortController();
        const body = new Uint8Array(1);
        const { signal } = controller;
        const waiting = session.request({ subject: 'conformance.silent', body, timeoutMs: 60_000, signal });
        waiting.catch(() => undefined);
        await stage.eventually(() => messages.length > 0, 'the request did not arrive');
        controller.abort(new Error('given up'));
        await assert.rejects(stage.promptly(waiting, 'a request goes on after its signal has aborted'), /given up/);
        assert.equal(await stage.held(), before, 'something is held for a request that was given up');
      }),
  },
  {
    name: 'fails the requests of a session that is closed',
    skipReason,
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const { messages } = await stage.listen({ subjects: ['conformance.silent'] });
        const session = await stage.open();
        const waiting = request(session, 'conformance.silent', '', 60_000);
        waiting.catch(() => undefined);
        await stage.eventually(() => messages.length > 0, 'the request did not arrive');
        await session.close({ signal: neverAborted() });
        await stage.failsWith(waiting, 'unavailable', 'a request of a closed session');
      }),
  },
];

function request(session: MessagingSession, subject: string, text: string, timeoutMs = 2_000): Promise<Message> {
  const body = new TextEncoder().encode(text);
  return session.request({ subject, body, timeoutMs, signal: neverAborted() });
}

/** Somebody who answers with what was asked. */
async function echo(stage: Stage, subject: string): Promise<{ readonly messages: readonly Message[] }> {
  const session = await stage.open();
  return stage.listen({
    session,
    subjects: [subject],
    async receive({ body, replyTo }): Promise<'handled'> {
      if (replyTo !== undefined) await publish(session, replyTo, new TextDecoder().decode(body));
      return 'handled';
    },
  });
}
