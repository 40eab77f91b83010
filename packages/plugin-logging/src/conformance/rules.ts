import assert from 'node:assert/strict';
import { HostError } from '@lodge/core';
import type { Rule } from '@lodge/plugin-conformance';
import { neverAborted } from '@lodge-internal/conformance';
import { levels } from '../log-record.js';
import type { LoggingBackendSetup } from './setup.js';
import { comparable, givesUp, recordOf, withBackend, workloadNamed } from './stage.js';

const workload = workloadNamed('w1');

const oddTexts: readonly string[] = [
  '',
  ' ',
  '"quoted"',
  '{"level":"error"}',
  'a\\nb',
  'größe 鍵 🗝',
  '%s %d $(x)',
  'm'.repeat(65_536),
];

/** So many records at once must not hold up a guest. */
const burst = 5_000;

/** Every rule that a logging backend must keep. */
export const loggingBackendRules: readonly Rule<LoggingBackendSetup>[] = [
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
      withBackend(setup, async ({ backend }) => {
        assert.deepEqual({ ...backend.supports }, { ...setup.supports }, 'rules are skipped only for what is lacking');
      }),
  },
  {
    name: 'delivers all that a record says',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const records = [
          ...levels.map((level) => recordOf(workload, { level })),
          recordOf(workload, { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }),
          recordOf(workload, { cut: 17 }),
          recordOf(workload, { dropped: 3 }),
        ];
        const sink = await stage.open(workload);
        for (const record of records) sink.write(record);
        assert.deepEqual(await stage.receivedAtLeast(workload, records.length), records.map(comparable));
      }),
  },
  {
    name: 'delivers any text as it is',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const sink = await stage.open(workload);
        for (const text of oddTexts) sink.write(recordOf(workload, { message: text, context: text.slice(0, 256) }));
        const arrived = await stage.receivedAtLeast(workload, oddTexts.length);
        assert.deepEqual(
          arrived.map(({ message }) => message),
          oddTexts,
        );
        assert.deepEqual(
          arrived.map(({ context }) => context),
          oddTexts.map((text) => text.slice(0, 256)),
        );
      }),
  },
  {
    name: 'keeps the order of a burst, and holds nobody up',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const sink = await stage.open(workload);
        for (let index = 0; index < burst; index += 1) {
          const answer: unknown = sink.write(recordOf(workload, { message: `${index}` }));
          assert.equal(answer, undefined, 'write must not answer: nobody would wait for it');
        }
        const arrived = await stage.receivedAtLeast(workload, burst);
        arrived.forEach(({ message }, index) => {
          assert.equal(message, `${index}`, 'records have changed places, or are missing');
        });
        assert.equal(sink.dropped, 0);
      }),
  },
  {
    name: 'keeps workloads apart, whatever their names',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const workloads = [
          workload,
          workloadNamed('w2'),
          workloadNamed('odd-1', 'a.b', 'c'),
          workloadNamed('odd-2', 'a', 'b.c'),
          workloadNamed('odd-3', '*', '>'),
          workloadNamed('odd-4', 'größe', 'two words'),
        ];
        const sinks = await Promise.all(workloads.map((one) => stage.open(one)));
        sinks.forEach((sink, index) => {
          const one = workloads[index];
          if (one !== undefined) sink.write(recordOf(one, { message: one.id }));
        });
        for (const one of workloads) {
          const arrived = await stage.receivedAtLeast(one, 1);
          assert.deepEqual(
            arrived.map(({ message }) => message),
            [one.id],
          );
        }
      }),
  },
  {
    name: 'delivers what was written before the close',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const sink = await stage.open(workload);
        for (let index = 0; index < 100; index += 1) sink.write(recordOf(workload, { message: `${index}` }));
        await sink.close({ signal: neverAborted() });
        await stage.backend.stop?.({ signal: neverAborted() });
        assert.equal((await stage.receivedAtLeast(workload, 100)).length, 100);
        assert.equal(sink.dropped, 0);
      }),
  },
  {
    name: 'closes one sink, twice, and no other',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const other = workloadNamed('other');
        const first = await stage.open(workload);
        const second = await stage.open(other);
        await first.close({ signal: neverAborted() });
        await assert.doesNotReject(first.close({ signal: neverAborted() }), 'a second close must do nothing');
        assert.doesNotThrow(() => first.write(recordOf(workload)), 'a write after the close is ignored');
        second.write(recordOf(other, { message: 'still here' }));
        assert.equal((await stage.receivedAtLeast(other, 1))[0]?.message, 'still here');
        assert.deepEqual(await stage.received(workload), [], 'a write after the close has arrived');
      }),
  },
  {
    name: 'holds nothing when all sinks are closed',
    skipReason: ({ held }) => (held === undefined ? 'the setup does not count what is held' : undefined),
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const before = await stage.held();
        const sinks = await Promise.all([stage.open(workload), stage.open(workload), stage.open(workloadNamed('w2'))]);
        for (const sink of sinks) sink.write(recordOf(workload));
        await Promise.all(sinks.map((sink) => sink.close({ signal: neverAborted() })));
        await Promise.all(sinks.map((sink) => sink.close({ signal: neverAborted() })));
        assert.equal(await stage.held(), before, 'a closed sink is still held');
      }),
  },
  {
    name: 'closes under a signal that has aborted',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const sink = await stage.open(workload);
        for (let index = 0; index < 100; index += 1) sink.write(recordOf(workload));
        await givesUp(sink.close({ signal: AbortSignal.abort() }), 'close went on after its signal had aborted');
      }),
  },
  {
    name: 'keeps records, within bounds, while the receiver is away, and counts the rest',
    skipReason: ({ supports }) => (supports.buffering ? undefined : 'the backend does not support buffering'),
    check: (setup) =>
      withBackend(setup, async (stage) => {
        assert.ok(setup.interrupt && setup.resume, 'a backend that buffers needs interrupt and resume in its setup');
        const sink = await stage.open(workload);
        sink.write(recordOf(workload, { message: 'before' }));
        await stage.receivedAtLeast(workload, 1);
        await setup.interrupt(stage.backend);
        let written = 0;
        const message = 'm'.repeat(8_192);
        const most = 20_000;
        for (; written < most && sink.dropped === 0; written += 1) {
          sink.write(recordOf(workload, { message }));
          // Lets the backend do what it would do between two calls of a guest.
          if (written % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
        }
        assert.ok(sink.dropped > 0, `${most} records of 8 KiB wait: bound what is kept`);
        await setup.resume(stage.backend);
        const arrived = await stage.receivedAtLeast(workload, 1 + Math.min(10, written - sink.dropped));
        assert.ok(arrived.length > 1, 'nothing of what was kept has arrived');
        sink.write(recordOf(workload, { message: 'after' }));
        await sink.close({ signal: neverAborted() });
        const all = await stage.receivedAtLeast(workload, 2 + written - sink.dropped);
        assert.equal(all.at(-1)?.message, 'after', 'what was kept comes before what follows');
      }),
  },
  {
    name: 'stops twice, and opens nothing after it',
    check: (setup) =>
      withBackend(setup, async ({ backend }) => {
        await backend.stop?.({ signal: neverAborted() });
        await assert.doesNotReject(async () => backend.stop?.({ signal: neverAborted() }));
        const opened = await backend.open(workload, { signal: neverAborted() }).catch((error: unknown) => error);
        assert.ok(HostError.is(opened), 'an open after the stop must reject with a HostError');
      }),
  },
  {
    name: 'gives up an open whose signal has aborted',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const before = await stage.held();
        const reason = new HostError('ERR_CALL_ABORTED', 'the conformance suite gave up');
        const opened = stage.backend.open(workload, { signal: AbortSignal.abort(reason) });
        await givesUp(opened, 'open went on after its signal had aborted');
        await assert.rejects(opened, 'an open that was given up before it began must reject');
        assert.equal(await stage.held(), before, 'an open that was given up left something behind');
      }),
  },
];
