import assert from 'node:assert/strict';
import { WitError } from '@lodge/core';
import { fixture } from '@lodge-internal/fixtures';
import { type Bench, expectHostError, failureOf, nextTurn, type StartedComponent, type Suite } from './suite.js';

/** Resources of the host in the hands of a guest, and the other way round. */
export function testResources(suite: Suite): void {
  suite.describe('resources of the host', () => testHostResources(suite));
  suite.describe('resources of the guest', () => testGuestResources(suite));
}

function testHostResources(suite: Suite): void {
  suite.test('a guest constructs, uses and drops a resource, which is disposed of once', async (bench) => {
    const { user, disposed } = await startThings(bench);
    const handle = await user['keep']?.(7);
    assert.equal(await user['readKept']?.(handle), 7);
    await user['renameKept']?.(handle, 8);
    assert.equal(await user['readKept']?.(handle), 8);
    assert.deepEqual(disposed, []);
    await user['letGo']?.(handle);
    assert.deepEqual(disposed, [8]);
  });

  suite.test('a static function gets a borrowed resource and gives a new one', async (bench) => {
    const { user, disposed } = await startThings(bench);
    const handle = await user['keep']?.(7);
    const copy = await user['copyKept']?.(handle);
    assert.equal(await user['readKept']?.(copy), 1007);
    assert.deepEqual(disposed, []);
  });

  suite.test('a resource given to a guest and given back is the same object, not disposed of', async (bench) => {
    const { user, Thing, disposed } = await startThings(bench);
    const thing = new Thing(3);
    assert.equal(await user['roundTrip']?.(thing), thing);
    const handle = await user['keepGiven']?.(thing);
    assert.equal(await user['giveBack']?.(handle), thing);
    assert.deepEqual(disposed, []);
  });

  suite.test('a resource that the guest passes on to the host is no longer the guest’s', async (bench) => {
    const { user, consumed, disposed, instance } = await startThings(bench);
    const handle = await user['keep']?.(5);
    assert.equal(await user['consumeKept']?.(handle), 5);
    assert.deepEqual(
      consumed.map((thing) => thing.number),
      [5],
    );
    instance.dispose();
    assert.deepEqual(disposed, []);
  });

  suite.test('a handle that was given away traps when it is used', async (bench) => {
    const { user } = await startThings(bench);
    const handle = await user['keep']?.(5);
    await user['giveBack']?.(handle);
    await expectHostError(() => user['readKept']?.(handle), 'ERR_GUEST_TRAPPED');
  });

  suite.test('a handle that was dropped traps when it is used', async (bench) => {
    const { user } = await startThings(bench);
    const handle = await user['keep']?.(5);
    await user['letGo']?.(handle);
    await expectHostError(() => user['readKept']?.(handle), 'ERR_GUEST_TRAPPED');
  });

  suite.test('a handle that never was traps', async (bench) => {
    const { user } = await startThings(bench);
    await expectHostError(() => user['readKept']?.(99), 'ERR_GUEST_TRAPPED');
  });

  suite.test('a guest borrows a resource for the time of a call', async (bench) => {
    const { user, Thing, disposed, instance } = await startThings(bench);
    const thing = new Thing(11);
    assert.equal(await user['look']?.(thing), 11);
    assert.equal(await user['look']?.(thing), 11);
    assert.equal(await user['lookTwice']?.(thing, new Thing(4)), 15);
    instance.dispose();
    assert.deepEqual(disposed, []);
  });

  suite.test('a borrowed handle that is not dropped before the call returns traps', async (bench) => {
    const { user, Thing, disposed } = await startThings(bench);
    await expectHostError(() => user['forgetBorrow']?.(new Thing(1)), 'ERR_GUEST_TRAPPED');
    assert.deepEqual(disposed, []);
  });

  suite.test('the host borrows what the guest owns, alone and in a list', async (bench) => {
    const { user, disposed } = await startThings(bench);
    const first = await user['keep']?.(20);
    const second = await user['keep']?.(22);
    assert.equal(await user['lookAtKept']?.(first), 20);
    assert.equal(await user['sumOfTwo']?.(first, second), 42);
    assert.equal(await user['readKept']?.(first), 20);
    assert.deepEqual(disposed, []);
  });

  suite.test('a function gives a resource in a result or none at all', async (bench) => {
    const { user } = await startThings(bench);
    assert.equal(await user['readKept']?.(await user['make']?.(9)), 9);
    assert.equal(await user['make']?.(0), 0);
    assert.equal(await user['readKept']?.(await user['keepMaybe']?.(8)), 8);
    assert.equal(await user['keepMaybe']?.(0), 0);
  });

  suite.test('a method of a resource may wait', async (bench) => {
    const { user } = await startThings(bench);
    assert.equal(await user['waitKept']?.(await user['keep']?.(6)), 6);
  });

  suite.test('what the guest still holds is disposed of with the instance, newest first, once', async (bench) => {
    const { user, instance, disposed } = await startThings(bench);
    for (const id of [1, 2, 3]) await user['keep']?.(id);
    instance.dispose();
    assert.deepEqual(disposed, [3, 2, 1]);
    instance.dispose();
    assert.deepEqual(disposed, [3, 2, 1]);
  });

  suite.test('what the guest held at a trap is disposed of with the instance', async (bench) => {
    const { user, instance, disposed } = await startThings(bench);
    await user['keep']?.(1);
    await expectHostError(() => user['trap']?.(), 'ERR_GUEST_TRAPPED');
    instance.dispose();
    assert.deepEqual(disposed, [1]);
  });

  suite.test('one resource that fails to be disposed of does not keep the others', async (bench) => {
    const { user, instance, disposed, failOn } = await startThings(bench);
    for (const id of [1, 2, 3]) await user['keep']?.(id);
    failOn(2);
    try {
      instance.dispose();
    } catch {
      // Whether the failure is told is the engine's choice.
    }
    assert.deepEqual(disposed, [3, 2, 1]);
  });

  suite.test('a freed handle is the next one to be given out', async (bench) => {
    const { user } = await startThings(bench);
    const handles = [await user['keep']?.(1), await user['keep']?.(2), await user['keep']?.(3)];
    assert.deepEqual(handles, [1, 2, 3]);
    await user['letGo']?.(1);
    await user['letGo']?.(3);
    assert.deepEqual([await user['keep']?.(4), await user['keep']?.(5), await user['keep']?.(6)], [3, 1, 4]);
  });

  suite.test('an object of another class is refused as an argument', async (bench) => {
    const { user } = await startThings(bench);
    const error = await failureOf(() => user['look']?.({ id: () => 1 }));
    assert(error instanceof TypeError, String(error));
    assert.equal(await user['readKept']?.(await user['keep']?.(2)), 2);
  });

  suite.test('a resource class that is missing is refused by name', async (bench) => {
    const imports = {
      'lodge:fixture/things': { make: () => 1, consume: () => 1, look: () => 1, sum: () => 1, maybe: () => 1 },
    };
    const error = await expectHostError(
      async () => bench.start(await fixture('things'), { imports }),
      'ERR_IMPORT_INVALID',
    );
    assert.match(error.message, /thing/i);
  });
}

function testGuestResources(suite: Suite): void {
  suite.test('a class of the guest is constructed and its methods called', async (bench) => {
    const { Counter } = await startCounters(bench);
    const counter = new Counter(5);
    assert(counter instanceof Counter);
    assert.equal(counter.value(), 5);
    assert.equal(counter.add(2), 7);
    assert.equal(counter.value(), 7);
  });

  suite.test('a dispose runs the destructor of the guest once', async (bench) => {
    const { Counter, dropped } = await startCounters(bench);
    const counter = new Counter(5);
    counter[Symbol.dispose]();
    assert.equal(dropped(), 1);
    counter[Symbol.dispose]();
    assert.equal(dropped(), 1);
  });

  suite.test('a disposed resource is refused, and the instance goes on', async (bench) => {
    const { Counter, dropped } = await startCounters(bench);
    const counter = new Counter(5);
    counter[Symbol.dispose]();
    assert((await failureOf(() => counter.value())) instanceof Error);
    assert.equal(dropped(), 1);
  });

  suite.test('a function that takes a resource takes it away from the host', async (bench) => {
    const { Counter, take, dropped } = await startCounters(bench);
    const counter = new Counter(5);
    assert.equal(take(counter), 5);
    assert.equal(dropped(), 1);
    assert((await failureOf(() => take(counter))) instanceof Error);
    counter[Symbol.dispose]();
    assert.equal(dropped(), 1);
  });

  suite.test('a function that borrows a resource leaves it with the host', async (bench) => {
    const { Counter, peek, sum, dropped } = await startCounters(bench);
    const counter = new Counter(5);
    assert.equal(peek(counter), 5);
    assert.equal(sum([counter, new Counter(6)]), 11);
    assert.equal(counter.value(), 5);
    assert.equal(dropped(), 0);
  });

  suite.test('a static function takes two and gives one', async (bench) => {
    const { Counter, dropped } = await startCounters(bench);
    const merged = Counter.merge(new Counter(40), new Counter(2));
    assert(merged instanceof Counter);
    assert.equal(merged.value(), 42);
    assert.equal(dropped(), 2);
  });

  suite.test('a static function gives a resource or an error', async (bench) => {
    const { Counter } = await startCounters(bench);
    assert.equal(Counter.parse(3).value(), 3);
    const error = await failureOf(() => Counter.parse(0));
    assert(WitError.is(error));
    assert.equal(error.payload, 'not a counter');
  });

  suite.test('a list of resources comes out of the guest', async (bench) => {
    const { Counter, all } = await startCounters(bench);
    const counters = all(4);
    assert(counters.every((counter) => counter instanceof Counter));
    assert.deepEqual(
      counters.map((counter) => counter.value()),
      [0, 1, 2, 3],
    );
  });

  suite.test('a resource of one instance is refused by another', async (bench) => {
    const first = await startCounters(bench);
    const second = await startCounters(bench);
    const foreign = new first.Counter(5);
    assert((await failureOf(() => second.peek(foreign))) instanceof TypeError);
    assert.equal(second.peek(new second.Counter(6)), 6);
  });

  suite.test('methods of a resource are refused after the instance is disposed of', async (bench) => {
    const { Counter, instance } = await startCounters(bench);
    const counter = new Counter(5);
    instance.dispose();
    await expectHostError(() => counter.value(), 'ERR_INSTANCE_CLOSED');
    counter[Symbol.dispose]();
  });
}

interface Thing {
  readonly number: number;
}

interface StartedThings extends StartedComponent {
  readonly user: ReturnType<StartedComponent['exported']>;
  readonly Thing: new (number: number) => Thing;
  /** Numbers of the things that were disposed of, in order. */
  readonly disposed: readonly number[];
  readonly consumed: readonly Thing[];
  failOn(number: number): void;
}

async function startThings({ start }: Bench): Promise<StartedThings> {
  const disposed: number[] = [];
  const consumed: HostThing[] = [];
  let failing: number | undefined;
  class HostThing {
    number: number;
    constructor(number: number) {
      this.number = number;
    }
    static copy(source: HostThing): HostThing {
      return new HostThing(source.number + 1000);
    }
    id(): number {
      return this.number;
    }
    rename(number: number): void {
      this.number = number;
    }
    async wait(): Promise<number> {
      await nextTurn();
      return this.number;
    }
    [Symbol.dispose](): void {
      disposed.push(this.number);
      if (this.number === failing) throw new Error('cannot be disposed of');
    }
  }
  const things = {
    Thing: HostThing,
    make: (id: number) => {
      if (id === 0) throw new WitError('zero');
      return new HostThing(id);
    },
    maybe: (id: number) => (id === 0 ? undefined : new HostThing(id)),
    consume: (thing: HostThing) => {
      consumed.push(thing);
      return thing.number;
    },
    look: (thing: HostThing) => thing.number,
    sum: (all: HostThing[]) => all.reduce((sum, thing) => sum + thing.number, 0),
  };
  const started = await start(await fixture('things'), {
    imports: { 'lodge:fixture/things': things },
    suspending: ['lodge:fixture/things#[method]thing.wait'],
  });
  return {
    ...started,
    user: started.exported('lodge:fixture/user'),
    Thing: HostThing,
    disposed,
    consumed,
    failOn: (number) => {
      failing = number;
    },
  };
}

interface Counter {
  value(): number;
  add(by: number): number;
  [Symbol.dispose](): void;
}

interface Counters {
  readonly Counter: {
    new (start: number): Counter;
    merge(a: Counter, b: Counter): Counter;
    parse(number: number): Counter;
  };
  peek(counter: Counter): number;
  take(counter: Counter): number;
  all(howMany: number): Counter[];
  sum(counters: Counter[]): number;
  dropped(): number;
}

async function startCounters({ start }: Bench): Promise<Counters & StartedComponent> {
  const started = await start(await fixture('counters'));
  return { ...started, ...(started.exported('lodge:fixture/counters') as unknown as Counters) };
}
