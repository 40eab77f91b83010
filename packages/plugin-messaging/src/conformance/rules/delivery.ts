import assert from 'node:assert/strict';
import type { Rule } from '@lodge/plugin-conformance';
import { neverAborted } from '@lodge-internal/conformance';
import type { MessagingBackendSetup } from '../setup.js';
import { publish, withBackend } from '../stage.js';

/** Patterns, what falls under them, and what does not. */
const patterns: readonly {
  readonly pattern: string;
  readonly yes: readonly string[];
  readonly no: readonly string[];
}[] = [
  { pattern: 'plain', yes: ['plain'], no: ['plainer', 'plain.more', 'Plain'] },
  { pattern: 'one.*', yes: ['one.a', 'one.größe'], no: ['one', 'one.a.b', 'two.a'] },
  { pattern: '*.end', yes: ['a.end'], no: ['end', 'a.b.end'] },
  { pattern: 'rest.>', yes: ['rest.a', 'rest.a.b.c'], no: ['rest', 'resta.b'] },
  { pattern: 'mid.*.x.>', yes: ['mid.a.x.y'], no: ['mid.x.y', 'mid.a.x'] },
];

/** What is published arrives, as it was, where it should. */
export const deliveryRules: readonly Rule<MessagingBackendSetup>[] = [
  {
    name: 'has a name that a manifest can say',
    check: (setup) =>
      withBackend(setup, async ({ backend }) => {
        assert.match(backend.name, /^[a-z][a-z0-9-]{0,63}$/, 'the name must be lower-case words and hyphens');
      }),
  },
  {
    name: 'supports what the setup says',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const { supports } = await stage.open();
        assert.deepEqual({ ...supports }, { ...setup.supports }, 'rules are skipped only for what a session lacks');
      }),
  },
  {
    name: 'delivers what is published as soon as subscribe has returned',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const session = await stage.open();
        for (let index = 0; index < 5; index++) {
          const subject = `conformance.soon.${index}`;
          const listening = await stage.listen({ session, subjects: [subject] });
          await publish(session, subject, 'hello');
          await stage.eventually(
            () => listening.texts.length > 0,
            'a message published after subscribe did not arrive',
          );
        }
      }),
  },
  {
    name: 'delivers between sessions',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const listening = await stage.listen({ subjects: ['conformance.a'] });
        await publish(await stage.open(), 'conformance.a', 'hello');
        await stage.eventually(() => listening.texts.length > 0, 'a message from another session did not arrive');
      }),
  },
  {
    name: 'keeps subject, body and reply subject',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const session = await stage.open();
        const { messages } = await stage.listen({ session, subjects: ['conformance.>'] });
        const every = Uint8Array.from({ length: 256 }, (_, index) => index);
        const sent = [
          { subject: 'conformance.bytes', body: every, replyTo: undefined },
          { subject: 'conformance.empty', body: new Uint8Array(0), replyTo: undefined },
          { subject: 'conformance.reply', body: every, replyTo: 'conformance.replies.here' },
          { subject: 'conformance.größe', body: every, replyTo: undefined },
        ];
        for (const message of sent) await session.publish(message, { signal: neverAborted() });
        await stage.eventually(() => messages.length >= sent.length, 'messages are missing');
        for (const [index, message] of sent.entries()) {
          const got = messages[index];
          assert.equal(got?.subject, message.subject, 'the subject has changed');
          assert.deepEqual([...(got?.body ?? [])], [...message.body], 'the body has changed');
          assert.equal(got?.replyTo, message.replyTo, 'the reply subject has changed');
        }
      }),
  },
  {
    name: 'gives each its own copy of the body',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const session = await stage.open();
        const overwrite = ({ body }: { readonly body: Uint8Array }): 'handled' => {
          body.fill(0);
          return 'handled';
        };
        const first = await stage.listen({ session, subjects: ['conformance.copy'], receive: overwrite });
        const second = await stage.listen({ session, subjects: ['conformance.copy'], receive: overwrite });
        const body = new TextEncoder().encode('original');
        await session.publish({ subject: 'conformance.copy', body, replyTo: undefined }, { signal: neverAborted() });
        assert.equal(new TextDecoder().decode(body), 'original', 'a receiver has changed the body of the sender');
        body.fill(1);
        await stage.eventually(() => first.texts.length > 0 && second.texts.length > 0, 'messages are missing');
        assert.deepEqual([...first.texts, ...second.texts], ['original', 'original'], 'bodies are shared');
      }),
  },
  {
    name: 'keeps the order of one sender',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const session = await stage.open();
        const listening = await stage.listen({ session, subjects: ['conformance.order'] });
        const texts = Array.from({ length: 50 }, (_, index) => String(index));
        for (const text of texts) await publish(session, 'conformance.order', text);
        await stage.eventually(() => listening.texts.length >= texts.length, 'messages are missing');
        assert.deepEqual(listening.texts, texts, 'messages arrive in another order');
      }),
  },
  {
    name: 'matches subjects token by token',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const session = await stage.open();
        for (const { pattern, yes, no } of patterns) {
          const listening = await stage.listen({ session, subjects: [`conformance.${pattern}`, 'conformance.fence'] });
          const subjects = [...no, ...yes].map((subject) => `conformance.${subject}`);
          for (const subject of [...subjects, 'conformance.fence']) await publish(session, subject, subject);
          await stage.eventually(() => listening.texts.includes('conformance.fence'), `${pattern}: nothing arrives`);
          const expected = [...yes.map((subject) => `conformance.${subject}`), 'conformance.fence'];
          assert.deepEqual([...listening.texts].sort(), expected.sort(), `what falls under ${pattern} is another`);
          listening.subscription.stop();
        }
      }),
  },
  {
    name: 'takes a message that nobody listens to',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const session = await stage.open();
        await stage.promptly(publish(session, 'conformance.nobody', 'hello'), 'a message for nobody is not taken');
      }),
  },
  {
    name: 'takes the largest message and refuses a larger one',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const session = await stage.open();
        const { messages } = await stage.listen({ session, subjects: ['conformance.large'] });
        // Headers of a backend's own count too.
        const body = new Uint8Array(setup.maxPayload - 1_024).fill(7);
        const signal = neverAborted();
        await session.publish({ subject: 'conformance.large', body, replyTo: undefined }, { signal });
        await stage.eventually(() => messages.length > 0, 'a large message did not arrive');
        assert.equal(messages[0]?.body.byteLength, body.byteLength, 'a large message arrives in another size');
        const larger = { subject: 'conformance.large', body: new Uint8Array(setup.maxPayload + 1), replyTo: undefined };
        await stage.failsWith(session.publish(larger, { signal }), 'too-large', 'a message that is too large');
        await publish(session, 'conformance.large', 'after');
        await stage.eventually(() => messages.length > 1, 'after a refused message nothing arrives any more');
      }),
  },
  {
    name: 'goes on after a message that was not handled',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const session = await stage.open();
        const outcomes = ['failed', 'shed', 'refused', 'stopped'] as const;
        let count = 0;
        const receive = () => outcomes[count++] ?? 'handled';
        const listening = await stage.listen({ session, subjects: ['conformance.failing'], receive });
        for (const text of [...outcomes, 'last']) await publish(session, 'conformance.failing', text);
        await stage.eventually(() => listening.texts.includes('last'), 'after failures nothing arrives any more');
      }),
  },
  {
    name: 'brings a message again until it is handled',
    skipReason: ({ supports }) => (supports.redelivery ? undefined : 'messages come at most once'),
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const session = await stage.open();
        const outcomes = ['failed', 'stopped', 'failed'] as const;
        let count = 0;
        const receive = () => outcomes[count++] ?? 'handled';
        const listening = await stage.listen({ session, subjects: ['conformance.again'], group: 'again', receive });
        await publish(session, 'conformance.again', 'work');
        await stage.eventually(() => count > outcomes.length, 'a message that was not handled did not come again');
        await publish(session, 'conformance.again', 'fence');
        await stage.eventually(() => listening.texts.includes('fence'), 'messages are missing');
        assert.equal(count, outcomes.length + 2, 'a message came again although it was handled');
      }),
  },
  {
    name: 'holds back what a subscription has no room for',
    skipReason: ({ supports }) => (supports.redelivery ? undefined : 'the receiver holds messages back'),
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const session = await stage.open();
        const gate = Promise.withResolvers<void>();
        let running = 0;
        let most = 0;
        const receive = async (): Promise<'handled'> => {
          most = Math.max(most, ++running);
          await gate.promise;
          running--;
          return 'handled';
        };
        const options = { session, subjects: ['conformance.room'], group: 'room', maxInFlight: 3, receive };
        const listening = await stage.listen(options);
        for (let index = 0; index < 12; index++) await publish(session, 'conformance.room', String(index));
        await stage.eventually(() => running === 3, 'fewer messages are in work than there is room for');
        gate.resolve();
        await stage.eventually(() => listening.texts.length >= 12, 'messages that were held back did not come');
        assert.equal(most, 3, 'more messages are in work than there is room for');
      }),
  },
];
