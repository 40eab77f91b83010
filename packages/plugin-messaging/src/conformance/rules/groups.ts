import assert from 'node:assert/strict';
import type { Rule } from '@lodge/plugin-conformance';
import type { MessagingBackendSetup } from '../setup.js';
import { publish, withBackend } from '../stage.js';

const count = 24;

/** Who gets a message of those that listen. */
export const groupRules: readonly Rule<MessagingBackendSetup>[] = [
  {
    name: 'gives each message to one of a group, and to each group',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const subjects = ['conformance.work'];
        const workers = [
          await stage.listen({ subjects, group: 'workers' }),
          await stage.listen({ subjects, group: 'workers' }),
        ];
        const auditor = await stage.listen({ subjects, group: 'auditors.of=all' });
        const session = await stage.open();
        const texts = Array.from({ length: count }, (_, index) => String(index));
        for (const text of texts) await publish(session, 'conformance.work', text);
        const done = (): string[] => workers.flatMap((worker) => worker.texts);
        await stage.eventually(() => done().length >= count && auditor.texts.length >= count, 'messages are missing');
        assert.deepEqual(done().map(Number).sort(byNumber), texts.map(Number), 'a group gets messages twice');
        assert.deepEqual(auditor.texts.map(Number).sort(byNumber), texts.map(Number), 'a group gets messages twice');
      }),
  },
  {
    name: 'gives each message to all that are in no group',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const subjects = ['conformance.news'];
        const readers = [await stage.listen({ subjects }), await stage.listen({ subjects })];
        const session = await stage.open();
        for (let index = 0; index < count; index++) await publish(session, 'conformance.news', String(index));
        await stage.eventually(() => readers.every(({ texts }) => texts.length >= count), 'somebody misses messages');
        for (const { texts } of readers) assert.equal(texts.length, count, 'somebody gets messages twice');
      }),
  },
  ...[undefined, 'overlapping'].map((group) => ({
    name: `delivers once what several subjects of a subscription match, ${group ? 'in' : 'without'} a group`,
    check: (setup: MessagingBackendSetup) =>
      withBackend(setup, async (stage) => {
        const session = await stage.open();
        const subjects = ['conformance.*', 'conformance.>', 'conformance.both', '*.both'].slice(0, group ? 3 : 4);
        const listening = await stage.listen({ session, subjects: subjects.map(below), ...(group && { group }) });
        for (const text of ['first', 'second', 'fence']) await publish(session, 'conformance.x.both', text);
        await stage.eventually(() => listening.texts.includes('fence'), 'messages are missing');
        // The fence may overtake a second copy: what comes after it shows that there is none.
        await publish(session, 'conformance.x.last', 'last');
        await stage.eventually(() => listening.texts.includes('last'), 'messages are missing');
        const counts = ['first', 'second', 'fence', 'last'].map(
          (text) => listening.texts.filter((other) => other === text).length,
        );
        assert.deepEqual(counts, [1, 1, 1, 1], 'a message is delivered once per subject');
      }),
  })),
  {
    name: 'hands the messages of a member that has left to the others',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const subjects = ['conformance.leave'];
        const leaving = await stage.listen({ subjects, group: 'members' });
        const staying = await stage.listen({ subjects, group: 'members' });
        leaving.subscription.stop();
        const session = await stage.open();
        const before = leaving.texts.length;
        // A broker may learn of the end a little later than the session.
        await publish(session, 'conformance.leave', 'fence');
        for (let index = 0; index < count; index++) await publish(session, 'conformance.leave', String(index));
        await stage.eventually(
          () => staying.texts.includes(String(count - 1)),
          'the group does not get the messages of a member that has left',
        );
        assert.equal(leaving.texts.length, before, 'a subscription that was stopped gets messages');
      }),
  },
];

/** The subjects of a rule lie below its own token. */
function below(subject: string): string {
  return subject.startsWith('*') ? `conformance.${subject}` : subject.replace('conformance.', 'conformance.x.');
}

function byNumber(a: number, b: number): number {
  return a - b;
}
