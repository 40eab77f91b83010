import assert from 'node:assert/strict';
import { HostError } from '@lodge/core';
import type { Rule } from '@lodge/plugin-conformance';
import { neverAborted } from '@lodge-internal/conformance';
import type { MessagingBackendSetup } from '../setup.js';
import { publish, withBackend } from '../stage.js';

/** Subscriptions, sessions and backends end, and leave nothing. */
export const endingRules: readonly Rule<MessagingBackendSetup>[] = [
  {
    name: 'delivers nothing to a subscription that was stopped, twice',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const session = await stage.open();
        const stopped = await stage.listen({ session, subjects: ['conformance.end'] });
        const other = await stage.listen({ session, subjects: ['conformance.end'] });
        stopped.subscription.stop();
        stopped.subscription.stop();
        await publish(session, 'conformance.end', 'hello');
        await stage.eventually(() => other.texts.length > 0, 'the end of a subscription ends another');
        assert.deepEqual(stopped.texts, [], 'a subscription that was stopped gets messages');
      }),
  },
  {
    name: 'closes a session with all that it holds, twice, and no other',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const other = await stage.open();
        const staying = await stage.listen({ session: other, subjects: ['conformance.close'] });
        const before = await stage.held();
        const session = await stage.open();
        const leaving = await stage.listen({ session, subjects: ['conformance.close', 'conformance.more'] });
        await session.close({ signal: neverAborted() });
        await assert.doesNotReject(
          async () => session.close({ signal: neverAborted() }),
          'a second close must do nothing',
        );
        assert.equal(await stage.held(), before, 'something is held for a session that is closed');
        await publish(other, 'conformance.close', 'hello');
        await stage.eventually(() => staying.texts.length > 0, 'the end of a session ends another');
        assert.deepEqual(leaving.texts, [], 'a closed session gets messages');
      }),
  },
  {
    name: 'refuses whatever is asked of a closed session',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const session = await stage.open();
        await session.close({ signal: neverAborted() });
        await stage.failsWith(publish(session, 'conformance.closed', ''), 'unavailable', 'a publish after the close');
        const listening = stage.listen({ session, subjects: ['conformance.closed'] });
        await stage.failsWith(listening, 'unavailable', 'a subscribe after the close');
        const signal = neverAborted();
        const body = new Uint8Array(0);
        const asking = session.request({ subject: 'conformance.closed', body, timeoutMs: 4_000, signal });
        await stage.failsWith(asking, 'unavailable', 'a request after the close');
      }),
  },
  {
    name: 'gives up what is begun under a signal that has aborted',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const session = await stage.open();
        const held = await stage.held();
        const signal = AbortSignal.abort(new Error('given up'));
        const body = new Uint8Array(1);
        const message = { subject: 'conformance.aborted', body, replyTo: undefined };
        const options = { subjects: ['conformance.aborted'], group: undefined, maxInFlight: 1 };
        const callbacks = { receive: async () => 'handled' as const, onLost() {} };
        const attempts: readonly Promise<unknown>[] = [
          session.publish(message, { signal }),
          session.request({ subject: 'conformance.aborted', body, timeoutMs: 4_000, signal }),
          session.subscribe({ ...options, ...callbacks }, { signal }),
          stage.open(signal),
        ];
        for (const attempt of attempts) attempt.catch(() => undefined);
        for (const attempt of attempts) {
          await assert.rejects(stage.promptly(attempt, 'work goes on under an aborted signal'), /given up/);
        }
        assert.equal(await stage.held(), held, 'something is held for what was given up');
      }),
  },
  {
    name: 'closes under a signal that has aborted',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const before = await stage.held();
        const session = await stage.open();
        await stage.listen({ session, subjects: ['conformance.hurry'] });
        const signal = AbortSignal.abort(new Error('hurry'));
        await stage.promptly(session.close({ signal }), 'a close goes on under an aborted signal');
        assert.equal(await stage.held(), before, 'an aborted signal ends patience, not the duty to release');
      }),
  },
  {
    name: 'opens nothing after the stop, which may come twice',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        await stage.backend.stop?.({ signal: neverAborted() });
        await assert.doesNotReject(
          async () => stage.backend.stop?.({ signal: neverAborted() }),
          'a second stop must do nothing',
        );
        const error: unknown = await stage.open().catch((reason: unknown) => reason);
        assert.ok(HostError.is(error, 'ERR_HOST_STATE'), 'open after stop must throw ERR_HOST_STATE');
      }),
  },
];
