import assert from 'node:assert/strict';
import { HostError } from '@lodge/core';
import type { Rule } from '@lodge/plugin-conformance';
import type { ConfigPlace } from '../backend.js';
import type { ConfigBackendSetup } from './setup.js';
import { eventually, givesUp, type Stage, valuesOf, withBackend } from './stage.js';

const place: ConfigPlace = { namespace: 'shop', store: 'config' };

/** Keys that a storage or a JavaScript object might take for something else. */
const oddKeys: readonly string[] = [
  '',
  ' ',
  'two words',
  'größe',
  '鍵',
  '🗝',
  '__proto__',
  'constructor',
  'a.b',
  '.a',
  'a.',
  'a..b',
  'a/b',
  '../a',
  'a*b',
  'a>b',
  'a=b',
  '=41',
  'A',
  'a',
  'a\nb',
  'a\0b',
  'k'.repeat(200),
];

const oddValues: readonly string[] = ['', ' ', 'two\nlines', '\0', 'größe 鍵 🗝', 'null', 'x'.repeat(65_536)];

/** Every rule that a config backend must keep. */
export const configBackendRules: readonly Rule<ConfigBackendSetup>[] = [
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
        assert.deepEqual(
          { ...backend.supports },
          { ...setup.supports },
          'rules are skipped only for what the backend lacks',
        );
      }),
  },
  {
    name: 'has the values that were there before the open',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        await stage.put(place, 'colour', 'green');
        await stage.put(place, 'size', '5');
        await stage.put(place, 'size', '6');
        const source = await stage.open(place);
        assert.equal(source.get('colour'), 'green');
        assert.equal(source.get('size'), '6', 'the last value counts');
        assert.equal(source.get('weight'), undefined, 'a key that was never set has no value');
        assert.deepEqual(
          valuesOf(source),
          record([
            ['colour', 'green'],
            ['size', '6'],
          ]),
        );
      }),
  },
  {
    name: 'says of a place that is not there that it is not',
    check: (setup) =>
      withBackend(setup, async ({ backend }) => {
        const source = await backend.open({ namespace: 'shop', store: 'nowhere' }, { signal: neverAborted() });
        await source?.close();
        assert.equal(
          source,
          undefined,
          'open must answer undefined: the plugin makes an error of it where that is one',
        );
      }),
  },
  {
    name: 'does not give a value that was removed',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        await stage.put(place, 'colour', 'green');
        await stage.put(place, 'size', '5');
        await stage.remove(place, 'colour');
        const source = await stage.open(place);
        assert.equal(source.get('colour'), undefined);
        assert.deepEqual(valuesOf(source), record([['size', '5']]));
      }),
  },
  {
    name: 'takes any string for a key',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        for (const [index, key] of oddKeys.entries()) await stage.put(place, key, `value ${index}`);
        const source = await stage.open(place);
        for (const [index, key] of oddKeys.entries()) {
          assert.equal(source.get(key), `value ${index}`, `the value of ${JSON.stringify(key)}`);
        }
        assert.deepEqual(valuesOf(source), record(oddKeys.map((key, index) => [key, `value ${index}`])));
        assert.equal(source.get('toString'), undefined, 'what objects inherit is no value');
      }),
  },
  {
    name: 'takes any text for a value',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        for (const [index, value] of oddValues.entries()) await stage.put(place, `key-${index}`, value);
        const source = await stage.open(place);
        for (const [index, value] of oddValues.entries()) assert.equal(source.get(`key-${index}`), value);
      }),
  },
  {
    name: 'keeps places apart',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const places: ConfigPlace[] = [
          place,
          { namespace: 'shop', store: 'other' },
          { namespace: 'bank', store: 'config' },
          { namespace: undefined, store: 'config' },
          // Names that a careless join, or a careless escape, makes one.
          { namespace: 'shop-a', store: 'b' },
          { namespace: 'shop', store: 'a-b' },
          { namespace: 'shop_a', store: 'b' },
          { namespace: 'shop', store: 'a_b' },
          { namespace: 'shop__a', store: 'b' },
          { namespace: 'shop', store: '_a__b' },
          { namespace: 'shop.a', store: 'b' },
          { namespace: 'shop', store: 'a__b' },
          { namespace: 'shop', store: 'CONFIG' },
          { namespace: undefined, store: 'shop-config' },
          { namespace: undefined, store: 'shop_config' },
          { namespace: undefined, store: 'shop__config' },
        ];
        for (const [index, one] of places.entries()) await stage.put(one, 'where', `place ${index}`);
        for (const [index, one] of places.entries()) {
          assert.equal((await stage.open(one)).get('where'), `place ${index}`, JSON.stringify(one));
        }
      }),
  },
  following('shows a new value, a changed and a removed one, to who has the place open', async (stage) => {
    await stage.put(place, 'colour', 'green');
    const source = await stage.open(place);
    await stage.put(place, 'size', '5');
    await eventually(() => source.get('size'), '5', 'a new value did not arrive');
    await stage.put(place, 'colour', 'red');
    await eventually(() => source.get('colour'), 'red', 'a changed value did not arrive');
    await stage.remove(place, 'colour');
    await eventually(() => source.get('colour'), undefined, 'a removal did not arrive');
    assert.deepEqual(valuesOf(source), record([['size', '5']]));
  }),
  following('follows a place that was empty', async (stage) => {
    await stage.put(place, 'colour', 'green');
    await stage.remove(place, 'colour');
    const source = await stage.open(place);
    await stage.put(place, 'colour', 'blue');
    await eventually(() => source.get('colour'), 'blue', 'a first value did not arrive');
  }),
  following('gives the values of one moment, whatever changes while they are read', async (stage) => {
    for (const key of ['a', 'b', 'c']) await stage.put(place, key, 'before');
    const source = await stage.open(place);
    const seen: string[] = [];
    for (const [key, value] of source.entries()) {
      seen.push(`${key} ${value}`);
      if (seen.length > 1) continue;
      await stage.put(place, 'd', 'after');
      await eventually(() => source.get('d'), 'after', 'a change did not arrive');
    }
    assert.deepEqual(seen.sort(), ['a before', 'b before', 'c before']);
  }),
  following('keeps one source going when another is closed, twice', async (stage) => {
    await stage.put(place, 'colour', 'green');
    const first = await stage.open(place);
    const second = await stage.open(place);
    await first.close();
    await assert.doesNotReject(first.close(), 'a second close must do nothing');
    await stage.put(place, 'colour', 'red');
    await eventually(() => second.get('colour'), 'red', 'closing one source ended another');
  }),
  {
    name: 'opens one place for many at the same time',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        await stage.put(place, 'colour', 'green');
        const sources = await Promise.all(Array.from({ length: 16 }, () => stage.open(place)));
        for (const source of sources) assert.equal(source.get('colour'), 'green');
        await Promise.all(sources.map((source) => source.close()));
        const again = await stage.open(place);
        assert.equal(again.get('colour'), 'green', 'the place can be opened again');
      }),
  },
  {
    name: 'holds nothing when all sources are closed',
    skipReason: ({ held }) => (held === undefined ? 'the setup does not count what is held' : undefined),
    check: (setup) =>
      withBackend(setup, async (stage) => {
        await stage.put(place, 'colour', 'green');
        const before = await stage.held();
        const sources = await Promise.all(Array.from({ length: 4 }, () => stage.open(place)));
        await Promise.all(sources.map((source) => source.close()));
        assert.equal(await stage.held(), before, 'a closed source is still held');
      }),
  },
  {
    name: 'gives up an open whose signal aborts',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        await stage.put(place, 'colour', 'green');
        const before = await stage.held();
        const reason = new HostError('ERR_CALL_ABORTED', 'the conformance suite gave up');
        const aborted = stage.backend.open(place, { signal: AbortSignal.abort(reason) });
        await givesUp(aborted, 'open went on after its signal had aborted');
        await assert.rejects(aborted, 'an open that was given up before it began must reject');
        assert.equal(await stage.held(), before, 'an open that was given up left something behind');
      }),
  },
  {
    name: 'stops twice, and opens nothing after it',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        await stage.put(place, 'colour', 'green');
        await stage.backend.stop?.({ signal: neverAborted() });
        await assert.doesNotReject(async () => stage.backend.stop?.({ signal: neverAborted() }));
        const opened = await stage.backend.open(place, { signal: neverAborted() }).catch((error: unknown) => error);
        assert.ok(HostError.is(opened), 'an open after the stop must reject with a HostError');
      }),
  },
];

/** A rule for backends that follow changes. */
function following(name: string, check: (stage: Stage) => Promise<void>): Rule<ConfigBackendSetup> {
  return {
    name,
    skipReason: ({ supports }) => (supports.changes ? undefined : 'the backend does not support changes'),
    check: (setup) => withBackend(setup, check),
  };
}

function record(entries: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}
