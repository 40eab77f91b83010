import assert from 'node:assert/strict';
import { type FixtureName, fixture } from '@lodge-internal/fixtures';
import { startCalls } from './calls-host.js';
import { type Bench, expectHostError, type Suite, testScope } from './suite.js';
import { badTimingHost } from './suspension.js';

/** Results that the canonical ABI forbids, by fixture. */
const forbiddenResults: Readonly<Partial<Record<FixtureName, readonly string[]>>> = {
  'bad-results': [
    'invalidUtf8',
    'truncatedUtf8',
    'textOutOfBounds',
    'textWrapsAround',
    'listOutOfBounds',
    'listMisaligned',
    'listTooLong',
    'resultAreaMisaligned',
    'resultAreaOutOfBounds',
    'variantDiscriminant',
    'enumDiscriminant',
    'optionDiscriminant',
    'resultDiscriminant',
    'surrogateChar',
    'largeChar',
    'unknownHandle',
  ],
  'bad-utf16': ['loneSurrogate', 'textMisaligned', 'textOutOfBounds'],
};

/** Ways to allocate badly, as the fixture `bad-timing` numbers them. */
const badAllocations = [
  { mode: 1, what: 'gives an address past the end' },
  { mode: 2, what: 'gives a misaligned address' },
  { mode: 3, what: 'calls the host' },
  { mode: 5, what: 'gives too little room before the end' },
  { mode: 6, what: 'traps' },
  { mode: 7, what: 'drops a handle' },
] as const;

/** What ends a guest for good, and what the operator learns about it. */
export function testTraps(suite: Suite): void {
  suite.describe('traps', () => {
    suite.test('a trap tells component, function and the stack of the guest', async (bench) => {
      const { guest } = await startCalls(bench, {}, { name: 'unlucky' });
      const error = await expectHostError(() => guest['trap']?.(), 'ERR_GUEST_TRAPPED');
      assert.equal(error.details['component'], 'unlucky');
      assert.match(String(error.details['function']), /trap/);
      const stack = error.details['stack'];
      assert(Array.isArray(stack));
      const inner = stack.findIndex((frame: unknown) => String(frame).includes('inner-of-trap'));
      const outer = stack.findIndex((frame: unknown) => String(frame).includes('outer-of-trap'));
      assert(inner >= 0 && outer > inner, `the stack is ${JSON.stringify(stack)}`);
      assert.match(error.message, /unlucky/);
      assert.match(error.message, /unreachable/);
    });

    suite.test('after a trap every call is refused', async (bench) => {
      const { guest, instance } = await startCalls(bench);
      await expectHostError(() => guest['trap']?.(), 'ERR_GUEST_TRAPPED');
      assert.equal(instance.isPoisoned, true);
      await expectHostError(() => guest['addOne']?.(1), 'ERR_INSTANCE_POISONED');
    });

    suite.test('a division by zero is a trap', async (bench) => {
      const { guest } = await startCalls(bench);
      assert.equal(await guest['divide']?.(42, 2), 21);
      const error = await expectHostError(() => guest['divide']?.(1, 0), 'ERR_GUEST_TRAPPED');
      assert.match(error.message, /divide/);
    });

    suite.test('endless recursion is a trap', async (bench) => {
      const { guest } = await startCalls(bench);
      await expectHostError(() => guest['recurse']?.(), 'ERR_GUEST_TRAPPED');
    });

    suite.test('a trap in a start function fails the instantiation', async (bench) => {
      const error = await expectHostError(async () => bench.start(await fixture('start-trap')), 'ERR_GUEST_TRAPPED');
      assert.equal(error.details['component'], 'subject');
    });

    suite.test('a trap in one instance leaves another untouched', async (bench) => {
      const first = await startCalls(bench);
      const second = await startCalls(bench);
      await expectHostError(() => first.guest['trap']?.(), 'ERR_GUEST_TRAPPED');
      assert.equal(await second.guest['addOne']?.(1), 2);
    });
  });

  suite.describe('canonical ABI', () => {
    for (const [name, members] of Object.entries(forbiddenResults)) {
      for (const member of members) {
        suite.test(`${member} of ${name} traps`, async (bench) => {
          const started = await bench.start(await fixture(name as FixtureName));
          await expectHostError(() => started.exported('lodge:fixture/bad')[member]?.(), 'ERR_GUEST_TRAPPED');
          assert.equal(started.instance.isPoisoned, true);
        });
      }
    }

    suite.test('bits that a type does not have are ignored', async (bench) => {
      const bad = (await bench.start(await fixture('bad-results'))).exported('lodge:fixture/bad');
      assert.equal(bad['wideBool']?.(), true);
      assert.equal(bad['wideU8']?.(), 255);
      assert.equal(bad['wideS8']?.(), -1);
      assert.deepEqual(bad['extraFlags']?.(), { read: false, write: true });
    });

    for (const { mode, what } of badAllocations) {
      suite.test(`an allocation that ${what} traps for an argument`, async (bench) => {
        const { guest, notes } = await startBadTiming(bench);
        await guest['setRealloc']?.(mode);
        await expectHostError(() => guest['takeNumbers']?.(Uint32Array.of(1, 2, 3)), 'ERR_GUEST_TRAPPED');
        assert.equal(notes(), 0);
      });
      suite.test(`an allocation that ${what} traps for a result of the host`, async (bench) => {
        const { guest, notes } = await startBadTiming(bench);
        await guest['setRealloc']?.(mode);
        await expectHostError(() => guest['fetchBytes']?.(), 'ERR_GUEST_TRAPPED');
        assert.equal(notes(), 0);
      });
    }

    suite.test('texts at a fitting address need no alignment', async (bench) => {
      const { guest } = await startBadTiming(bench);
      await guest['setRealloc']?.(2);
      assert.equal(await guest['takeText']?.('text'), 4);
      assert.equal(await guest['fetchText']?.(), 6);
    });

    suite.test('a post-return that calls the host traps, and the host is not called', async (bench) => {
      const { guest, notes } = await startBadTiming(bench);
      await expectHostError(() => guest['fromPostReturn']?.(), 'ERR_GUEST_TRAPPED');
      assert.equal(notes(), 0);
    });

    suite.test('a post-return that drops a handle traps', async (bench) => {
      const { guest } = await startBadTiming(bench);
      await expectHostError(() => guest['dropInPostReturn']?.(), 'ERR_GUEST_TRAPPED');
    });

    for (const member of ['doubleDrop', 'dropUnknown', 'dropZero']) {
      suite.test(`${member} of a handle traps`, async (bench) => {
        const { guest } = await startBadTiming(bench);
        await expectHostError(() => guest[member]?.(), 'ERR_GUEST_TRAPPED');
      });
    }
  });

  suite.describe('lifetime', () => {
    suite.test('a disposed instance refuses calls, and a second dispose does nothing', async (bench) => {
      const { guest, instance } = await startCalls(bench);
      instance.dispose();
      instance.dispose();
      await expectHostError(() => guest['addOne']?.(1), 'ERR_INSTANCE_CLOSED');
    });

    suite.test('a disposed component makes no more instances, and live ones go on', async (bench) => {
      const bytes = await fixture('counters');
      const { engine } = bench;
      const compiled = await engine.compile(bytes, { name: 'subject', suspendingImports: new Set() });
      const instance = await compiled.instantiate(new Map(), testScope('subject'));
      compiled.dispose();
      await expectHostError(() => compiled.instantiate(new Map(), testScope('subject')), 'ERR_INSTANCE_CLOSED');
      const counters = instance.exports['lodge:fixture/counters'];
      assert(typeof counters === 'object');
      assert.equal(counters['dropped']?.(), 0);
      instance.dispose();
    });

    suite.test('every instance begins with the state of a new one', async (bench) => {
      const first = await bench.start(await fixture('counters'));
      const { Counter, dropped, take } = first.exported('lodge:fixture/counters');
      take?.(construct(Counter, 1));
      assert.equal(dropped?.(), 1);
      const second = await bench.start(await fixture('counters'));
      assert.equal(second.exported('lodge:fixture/counters')['dropped']?.(), 0);
    });

    suite.test('an instance tells how much memory it has', async (bench) => {
      const { instance } = await startCalls(bench);
      assert.equal(instance.memoryBytes, 65_536);
    });
  });
}

async function startBadTiming({
  start,
}: Bench): Promise<{ guest: Record<string, (...args: unknown[]) => unknown>; notes: () => number }> {
  let count = 0;
  const host = {
    ...badTimingHost(),
    note: () => {
      count++;
    },
  };
  const started = await start(await fixture('bad-timing'), { imports: { 'lodge:fixture/host': host } });
  return { guest: started.exported('lodge:fixture/guest'), notes: () => count };
}

function construct(Class: unknown, ...args: unknown[]): unknown {
  return Reflect.construct(Class as new (...args: unknown[]) => unknown, args);
}
