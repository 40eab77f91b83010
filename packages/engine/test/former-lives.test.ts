import { type CompileOptions, HostError } from '@lodge/core';
import { fixture, watComponent } from '@lodge-internal/fixtures';
import { describe, expect, it, vi } from 'vitest';
import { collectGarbage, compileBytes, type Opened, type Started } from './start.js';
import { watchInstances } from './watch-instances.js';

const closed = expect.objectContaining({ code: 'ERR_INSTANCE_CLOSED' });
const refused = 'expected a Counter of this instance, found an object';

interface Counter {
  value(): number;
  add(by: number): number;
  [Symbol.dispose](): void;
}

interface Counters {
  readonly Counter: { new (start: number): Counter; merge(a: Counter, b: Counter): Counter };
  peek(counter: Counter): number;
  take(counter: Counter): number;
  sum(counters: readonly Counter[]): number;
  dropped(): number;
}

/** Compiles, and waits until its graphs are used again: for that their code is read in the background. */
async function recycling(bytes: Uint8Array, imports = {}, options: Partial<CompileOptions> = {}): Promise<Started> {
  const started = await compileBytes(bytes, options);
  const isRecycled = (): void => {
    const watch = watchInstances();
    started.open(imports).instance.dispose();
    expect(watch.end()).toBe(0);
  };
  await vi.waitFor(isRecycled, { timeout: 10_000 });
  return started;
}

/** Opens a life on a graph of an earlier one. */
function reopen(started: Started, imports = {}): Opened {
  const watch = watchInstances();
  const opened = started.open(imports);
  expect(watch.end()).toBe(0);
  return opened;
}

describe('a resource of the guest from a former life on the same graph', () => {
  /** A counter of a life that has ended, and a later life with a counter that has the same handle and the same place in memory. */
  async function twoLives(): Promise<{ former: Counters; old: Counter; later: Counters; own: Counter; end(): void }> {
    const started = await recycling(await fixture('counters'));
    const countersOf = ({ instance }: Opened): Counters =>
      instance.exports['lodge:fixture/counters'] as unknown as Counters;
    const first = reopen(started);
    const former = countersOf(first);
    const old = new former.Counter(5);
    first.instance.dispose();
    const second = reopen(started);
    const later = countersOf(second);
    return { former, old, later, own: new later.Counter(7), end: () => second.instance.dispose() };
  }

  it('has methods that are refused', async () => {
    const { old, own, end } = await twoLives();
    expect(() => old.value()).toThrow(closed);
    expect(() => old.add(100)).toThrow(closed);
    expect(own.value()).toBe(7);
    end();
  });

  it.each(['value', 'add'] as const)('is no resource for the method %s of the later life', async (method) => {
    const { old, later, own, end } = await twoLives();
    expect(() => Reflect.apply(later.Counter.prototype[method], old, [100])).toThrow(refused);
    expect(own.value()).toBe(7);
    end();
  });

  it('lends its methods to no resource of the later life', async () => {
    const { former, own, end } = await twoLives();
    expect(() => Reflect.apply(former.Counter.prototype.add, own, [100])).toThrow(closed);
    expect(own.value()).toBe(7);
    end();
  });

  it('is refused as an argument of the later life, lent, given, in a list and beside another', async () => {
    const { old, later, own, end } = await twoLives();
    for (const call of [
      () => later.peek(old),
      () => later.take(old),
      () => later.sum([own, old]),
      () => later.Counter.merge(own, old),
    ]) {
      expect(call).toThrow(refused);
    }
    expect(later.dropped()).toBe(0);
    end();
  });

  it('has no effect when it is dropped, again and again', async () => {
    const { old, later, own, end } = await twoLives();
    old[Symbol.dispose]();
    old[Symbol.dispose]();
    expect([later.dropped(), own.value()]).toEqual([0, 7]);
    end();
  });

  it('has no effect when it is garbage', async () => {
    const { later, own, end } = await twoLives();
    for (let round = 0; round < 3; round++) {
      collectGarbage();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect([later.dropped(), own.value()]).toEqual([0, 7]);
    end();
  });

  it('cannot be made anew by the class or the functions of its life', async () => {
    const { former, later, own, end } = await twoLives();
    expect(() => new former.Counter(1)).toThrow(closed);
    for (const call of [() => former.peek(own), () => former.take(own), () => former.Counter.merge(own, own)])
      expect(call).toThrow(closed);
    expect([later.dropped(), later.peek(own)]).toEqual([0, 7]);
    end();
  });
});

/** What the fixture `things` imports, and the numbers of the things that were disposed of. */
function thingsHost(): {
  readonly disposed: readonly number[];
  readonly imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly Thing: new (number: number) => object;
} {
  const disposed: number[] = [];
  class Thing {
    readonly #number: number;
    constructor(number: number) {
      this.#number = number;
    }
    static copy(): Thing {
      return new Thing(0);
    }
    id(): number {
      return this.#number;
    }
    rename(): void {}
    wait(): number {
      return 0;
    }
    [Symbol.dispose](): void {
      disposed.push(this.#number);
    }
  }
  const none = (): void => {};
  const things = { Thing, make: none, consume: none, look: none, sum: none, maybe: none };
  return { disposed, Thing, imports: { 'lodge:fixture/things': things } };
}

describe('a resource of the host in the hands of a former life on the same graph', () => {
  it('is out of reach for the later one, which has handles of the same numbers', async () => {
    const { disposed, imports } = thingsHost();
    const started = await recycling(await fixture('things'), imports);
    type User = Record<'keep' | 'readKept' | 'letGo', (number: number) => number>;
    const userOf = ({ instance }: Opened): User => instance.exports['lodge:fixture/user'] as unknown as User;
    const first = reopen(started, imports);
    const former = userOf(first);
    expect(former.keep(5)).toBe(1);
    first.instance.dispose();
    expect(disposed).toEqual([5]);

    const second = reopen(started, imports);
    const later = userOf(second);
    expect(later.keep(7)).toBe(1);
    expect(() => former.readKept(1)).toThrow(closed);
    expect(() => former.letGo(1)).toThrow(closed);
    expect([later.readKept(1), disposed]).toEqual([7, [5]]);
    second.instance.dispose();

    const third = reopen(started, imports);
    expect(() => userOf(third).readKept(1)).toThrow(expect.objectContaining({ code: 'ERR_GUEST_TRAPPED' }));
    third.instance.dispose();
    expect(disposed).toEqual([5, 7]);
  });
});

/** Asks the host for a text, and tells the first byte of the last one and, in thousands, how often memory was asked for. */
const asking = `(component
  (import "wait" (func $wait (result string)))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
      (i32.add (i32.const 1024) (i32.mul (i32.load (i32.const 8)) (i32.const 16)))))
  (core instance $libc (instantiate $libc))
  (core func $lowered (canon lower (func $wait) (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core module $m
    (import "libc" "memory" (memory 1))
    (import "host" "wait" (func $wait (param i32)))
    (func $kept (export "kept") (result i32)
      (i32.add (i32.mul (i32.load (i32.const 8)) (i32.const 1000)) (i32.load8_u (i32.load (i32.const 64)))))
    (func (export "ask") (result i32) (call $wait (i32.const 64)) (call $kept)))
  (core instance $i (instantiate $m (with "libc" (instance $libc)) (with "host" (instance (export "wait" (func $lowered))))))
  (func (export "ask") (result u32) (canon lift (core func $i "ask")))
  (func (export "kept") (result u32) (canon lift (core func $i "kept"))))`;
const [b, x] = [98, 120];

/** Promises of the host, in the order they were asked for, to be settled when the test likes. */
class Answers {
  readonly asked: { readonly resolve: (value: unknown) => void; readonly reject: (reason: unknown) => void }[] = [];
  readonly imports = {
    wait: () => new Promise((resolve, reject) => void this.asked.push({ resolve, reject })),
  };
}

describe.each([false, true])('a promise of the host from a former life (interruptible: %s)', (isInterruptible) => {
  const start = async (imports: object): Promise<Started> =>
    recycling(await watComponent(asking), imports, { suspendingImports: new Set(['#wait']), isInterruptible });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  const ends = {
    'was disposed of': ({ instance }: Opened) => instance.dispose(),
    'was interrupted': ({ instance }: Opened) => {
      instance.interrupt(new HostError('ERR_CALL_ABORTED', 'Away.'));
      instance.dispose();
    },
  };
  const settlings = { 'is kept': 'resolve', 'is broken': 'reject' } as const;
  const cases = Object.entries(ends).flatMap(([how, end]) =>
    Object.entries(settlings).map(([late, settle]) => ({ how, end, late, settle })),
  );

  it.each(cases)('that $how changes nothing in a later one when it $late', async ({ end, settle }) => {
    const answers = new Answers();
    const started = await start(answers.imports);
    const former = reopen(started, answers.imports);
    const call = former.call('ask') as Promise<unknown>;
    end(former);
    await expect(call).rejects.toBeInstanceOf(Error);
    const later = started.open(answers.imports);
    const waiting = later.call('ask') as Promise<unknown>;
    const outcome = vi.fn();
    waiting.then(outcome, outcome);
    answers.asked[0]?.[settle]('x');
    await turn();
    await turn();
    expect(outcome).not.toHaveBeenCalled();
    answers.asked[1]?.resolve('b');
    expect(await waiting).toBe(1000 + b);
    expect(await later.call('kept')).toBe(1000 + b);
    later.instance.dispose();
  });

  it('that settles a second time does not answer the question of a later one', async () => {
    const callbacks: ((value: unknown) => void)[] = [];
    // Nobody forces a host function to answer with a real promise.
    // biome-ignore lint/suspicious/noThenProperty: it is one that does not keep its word.
    const imports = { wait: () => ({ then: (done: (value: unknown) => void) => void callbacks.push(done) }) };
    const started = await start(imports);
    const former = reopen(started, imports);
    const first = former.call('ask');
    callbacks[0]?.('x');
    expect(await first).toBe(1000 + x);
    former.instance.dispose();

    const later = reopen(started, imports);
    const waiting = later.call('ask') as Promise<unknown>;
    callbacks[0]?.('x');
    await turn();
    callbacks[1]?.('b');
    expect(await waiting).toBe(1000 + b);
    callbacks[0]?.('x');
    callbacks[1]?.('x');
    await turn();
    expect(await later.call('kept')).toBe(1000 + b);
    later.instance.dispose();
  });
});

/** A resource whose destructor calls the host, a count of all destructors, and a function of the host that is passed on. */
const callingDestructor = `(component
  (import "note" (func $note))
  (component $inner
    (import "note" (func $note))
    (core func $lowered (canon lower (func $note)))
    (core module $m
      (import "host" "note" (func $note))
      (global $count (mut i32) (i32.const 0))
      (func (export "drop") (param i32) (global.set $count (i32.add (global.get $count) (i32.const 1))) (call $note))
      (func (export "count") (result i32) (global.get $count)))
    (core instance $i (instantiate $m (with "host" (instance (export "note" (func $lowered))))))
    (type $thing' (resource (rep i32) (dtor (core func $i "drop"))))
    (export $thing "thing" (type $thing'))
    (core func $new (canon resource.new $thing'))
    (core module $n
      (import "thing" "new" (func $new (param i32) (result i32)))
      (func (export "make") (result i32) (call $new (i32.const 9))))
    (core instance $j (instantiate $n (with "thing" (instance (export "new" (func $new))))))
    (func (export "[constructor]thing") (result (own $thing)) (canon lift (core func $j "make")))
    (func (export "count") (result u32) (canon lift (core func $i "count"))))
  (instance $inner (instantiate $inner (with "note" (func $note))))
  (export "passed-on" (func $note))
  (export "lodge:test/things" (instance $inner)))`;

describe('a life that ends while the host is called', () => {
  interface Things {
    readonly Thing: new () => { [Symbol.dispose](): void };
    count(): number;
  }
  const ways: Readonly<Record<string, (life: Opened) => void>> = {
    interrupted: ({ instance }) => instance.interrupt(new HostError('ERR_CALL_ABORTED', 'Away.')),
    'disposed of': ({ instance }) => instance.dispose(),
  };

  const ended = expect.objectContaining({ code: expect.stringMatching(/^ERR_(CALL_ABORTED|INSTANCE_CLOSED)$/) });
  const refusal = expect.objectContaining({ code: expect.stringMatching(/^ERR_INSTANCE_(POISONED|CLOSED)$/) });

  it.each(Object.entries(ways))('by a destructor, and is %s there, does not begin again', async (_, end) => {
    const started = await compileBytes(await watComponent(callingDestructor));
    const life: Opened = started.open({ note: () => end(life) });
    const things = life.instance.exports['lodge:test/things'] as unknown as Things;
    const [one, other] = [new things.Thing(), new things.Thing()];
    expect(() => one[Symbol.dispose]()).toThrow(ended);
    other[Symbol.dispose]();
    expect(() => things.count()).toThrow(refusal);
  });

  it.each(Object.entries(ways))('and is %s there, keeps nothing of what the host has promised', async (_, end) => {
    const { disposed, Thing, imports } = thingsHost();
    const started = await compileBytes(await fixture('things'), {
      suspendingImports: new Set(['lodge:fixture/things#maybe']),
    });
    const maybe = async (number: number): Promise<object> => {
      end(life);
      return new Thing(number);
    };
    const things = { ...imports['lodge:fixture/things'], maybe };
    const life: Opened = started.open({ 'lodge:fixture/things': things });
    const user = life.instance.exports['lodge:fixture/user'] as unknown as {
      keepMaybe(number: number): Promise<number>;
    };
    await expect(user.keepMaybe(3)).rejects.toEqual(ended);
    await vi.waitFor(() => expect(disposed).toEqual([3]), { timeout: 10_000 });
  });

  it.each(Object.entries(ways))(
    'through a function that is passed on, and is %s there, does not begin again',
    async (_, end) => {
      const started = await compileBytes(await watComponent(callingDestructor));
      let calls = 0;
      const life: Opened = started.open({
        note: () => {
          calls++;
          end(life);
        },
      });
      const things = life.instance.exports['lodge:test/things'] as unknown as Things;
      expect(() => life.call('passedOn')).toThrow(ended);
      expect(() => life.call('passedOn')).toThrow(refusal);
      expect(() => things.count()).toThrow(refusal);
      expect(calls).toBe(1);
    },
  );
});
