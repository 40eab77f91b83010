import { afterEach, describe, expect, it, vi } from 'vitest';
import { GuestExit, HostError, WitError } from '../errors.js';
import type { Host } from '../host.js';
import type { LogLevel } from '../logger.js';
import type { CallScope } from '../scope.js';
import { counter, greeter, greetId, specOf, startGreetingHost } from '../testing/greeting.js';
import type { Program } from '../testing/memory-engine.js';
import type { ComponentSpec } from '../workload.js';

let host: Host | undefined;
afterEach(async () => {
  await host?.stop();
  host = undefined;
});

async function run(program: Program, spec: Partial<ComponentSpec> = {}) {
  const messages: { level: LogLevel; message: string }[] = [];
  const logger = { log: (level: LogLevel, message: string) => void messages.push({ level, message }) };
  const started = await startGreetingHost({ main: program }, { logger });
  host = started.host;
  const status = await host.workloadStart({ workloadId: 'w', workload: specOf([{ name: 'main', ...spec }]) });
  expect(status.message).toBe('Workload started successfully');
  return { ...started, messages };
}

/** No arguments, and `work` to wait for. */
const waiting =
  (work: Promise<unknown>) =>
  (scope: CallScope): readonly unknown[] => {
    scope.waitUntil(work);
    return [];
  };

const forever = (): Program => greeter(() => () => new Promise(() => undefined));

describe('instance policy', () => {
  it('gives every call a new state without a pool', async () => {
    const { caller, engine } = await run(counter());
    expect([await caller.call(), await caller.call()]).toEqual([1, 1]);
    expect(engine.live.size).toBe(0);
  });

  it('keeps one warm instance for calls that follow each other', async () => {
    const { caller, engine } = await run(counter(), { poolSize: 2 });
    expect([await caller.call(), await caller.call(), await caller.call()]).toEqual([1, 2, 3]);
    expect(engine.instantiations).toBe(1);
  });

  it('replaces a warm instance after exactly maxInvocations calls', async () => {
    const { caller, engine } = await run(counter(), { poolSize: 1, maxInvocations: 2 });
    expect([await caller.call(), await caller.call(), await caller.call()]).toEqual([1, 2, 1]);
    expect(engine.live.size).toBe(1);
  });

  it('serves the overflow of a full pool at once from an instance that ends with its call', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { caller, engine } = await run(
      greeter(() => () => held),
      { poolSize: 1 },
    );
    const calls = [caller.call(), caller.call(), caller.call()];
    expect(engine.live.size).toBe(3);
    release();
    await Promise.all(calls);
    expect(engine.live.size).toBe(1);
  });

  it('retires a warm instance that trapped', async () => {
    let calls = 0;
    const trapOnce = greeter(() => () => {
      calls += 1;
      if (calls === 1) throw new Error('boom');
      return 'fine';
    });
    const { caller, engine } = await run(trapOnce, { poolSize: 1 });
    await expect(caller.call()).rejects.toMatchObject({ code: 'ERR_GUEST_TRAPPED' });
    expect(engine.live.size).toBe(0);
    expect(await caller.call()).toBe('fine');
  });

  it('keeps a warm instance whose function returned an err result', async () => {
    const { caller, engine } = await run(
      greeter(() => () => Promise.reject(new WitError('no'))),
      { poolSize: 1 },
    );
    await expect(caller.call()).rejects.toMatchObject({ name: 'WitError', payload: 'no' });
    await expect(caller.call()).rejects.toBeInstanceOf(WitError);
    expect(engine.instantiations).toBe(1);
  });

  it('works the same with an engine that instantiates asynchronously', async () => {
    const { caller, engine } = await run(counter(), { poolSize: 1 });
    engine.isSlow = true;
    expect([await caller.call(), await caller.call()]).toEqual([1, 2]);
  });

  it('keeps an instance in the pool that was made for a call which gave up meanwhile', async () => {
    const { caller, engine } = await run(counter(), { poolSize: 1, maxInvocations: 1 });
    engine.isSlow = true;
    const gone = new AbortController();
    const call = caller.call({ signal: gone.signal });
    gone.abort();
    await expect(call).rejects.toMatchObject({ code: 'ERR_CALL_ABORTED' });
    await vi.waitFor(() => expect(engine.live.size).toBe(1));
    expect(await caller.call()).toBe(1);
    expect(engine.instantiations).toBe(1);
  });
});

describe('the end of a call', () => {
  it('comes when the deadline passes, and retires the instance', async () => {
    const { caller, engine } = await run(forever(), { poolSize: 1 });
    await expect(caller.call({ deadlineMs: 5 })).rejects.toMatchObject({ code: 'ERR_CALL_TIMEOUT' });
    expect(engine.live.size).toBe(0);
  });

  it('comes when the caller gives up, with his reason as the cause', async () => {
    const { caller, engine } = await run(forever());
    const gone = new AbortController();
    const call = caller.call({ signal: gone.signal });
    const reason = new Error('client went away');
    gone.abort(reason);
    await expect(call).rejects.toMatchObject({ code: 'ERR_CALL_ABORTED', cause: reason });
    expect(engine.live.size).toBe(0);
  });

  it('unwinds the guest, which is told why', async () => {
    const { caller } = await run(forever());
    let unwound: unknown;
    const use = caller.resolved[0]?.useInstance(
      'main',
      async (exports) => {
        const greet = exports[greetId];
        await (typeof greet === 'object' ? greet.sayHello?.() : undefined)?.catch((error: unknown) => {
          unwound = error;
        });
      },
      { deadlineMs: 5 },
    );
    await expect(use).rejects.toMatchObject({ code: 'ERR_CALL_TIMEOUT' });
    expect(unwound).toMatchObject({ code: 'ERR_CALL_TIMEOUT' });
  });

  it('comes at once for a signal that has aborted before', async () => {
    const { caller, engine } = await run(counter());
    await expect(caller.call({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ERR_CALL_ABORTED' });
    expect(engine.instantiations).toBe(0);
  });

  it('comes although the instance can never settle its own function', async () => {
    const { caller, engine } = await run(counter());
    const workload = caller.resolved[0];
    const use = workload?.useInstance('main', () => new Promise(() => undefined), { deadlineMs: 5 });
    await expect(use).rejects.toMatchObject({ code: 'ERR_CALL_TIMEOUT' });
    expect(engine.live.size).toBe(0);
  });

  it('waits for everything given to waitUntil', async () => {
    const { caller, engine } = await run(counter());
    let release = (): void => undefined;
    const body = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isOver = false;
    const call = caller.call({ args: waiting(body) }).then(() => {
      isOver = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    expect(engine.live.size).toBe(1);
    release();
    await call;
    expect(engine.live.size).toBe(0);
  });

  it('waits for waitUntil also when the guest returned an err result', async () => {
    const { caller, engine } = await run(greeter(() => () => Promise.reject(new WitError('no'))));
    let release = (): void => undefined;
    const body = new Promise<void>((resolve) => {
      release = resolve;
    });
    const call = caller.call({ args: waiting(body) });
    call.catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    expect(engine.live.size).toBe(1);
    release();
    await expect(call).rejects.toMatchObject({ payload: 'no' });
    expect(engine.live.size).toBe(0);
  });

  it('comes with the error of a waitUntil that rejects', async () => {
    const { caller } = await run(forever());
    const failed = new Error('the body broke');
    await expect(caller.call({ args: waiting(Promise.reject(failed)) })).rejects.toBe(failed);
  });

  it('covers waitUntil with the deadline', async () => {
    const { caller } = await run(counter());
    const call = caller.call({ deadlineMs: 5, args: waiting(new Promise(() => undefined)) });
    await expect(call).rejects.toMatchObject({ code: 'ERR_CALL_TIMEOUT' });
  });

  it('aborts the scope signal when the guest traps, so that others stop working for it', async () => {
    const { caller } = await run(greeter(() => async () => Promise.reject(new Error('boom'))));
    let scope: CallScope | undefined;
    const args = (given: CallScope): readonly unknown[] => {
      scope = given;
      void given.signal;
      return [];
    };
    await expect(caller.call({ args })).rejects.toMatchObject({ code: 'ERR_GUEST_TRAPPED' });
    expect(scope?.signal.aborted).toBe(true);
  });

  it('runs clean-ups newest first, those of the call before those of the instance, each once', async () => {
    const { caller } = await run(counter());
    const order: string[] = [];
    const args = (scope: CallScope): readonly unknown[] => {
      for (const name of ['a', 'b']) scope.defer(() => void order.push(`call ${name}`));
      for (const name of ['a', 'b']) scope.instance.defer(() => void order.push(`instance ${name}`));
      return [];
    };
    await caller.call({ args });
    expect(order).toEqual(['call b', 'call a', 'instance b', 'instance a']);
  });

  it('goes on over a clean-up that throws', async () => {
    const { caller, messages } = await run(counter());
    const seen: string[] = [];
    const args = (scope: CallScope): readonly unknown[] => {
      scope.defer(() => void seen.push('older'));
      scope.defer(() => {
        throw new Error('broken');
      });
      return [];
    };
    expect(await caller.call({ args })).toBe(1);
    expect(seen).toEqual(['older']);
    expect(messages).toContainEqual({ level: 'warn', message: 'a clean-up failed' });
  });

  it('passes a GuestExit through as itself and logs no error', async () => {
    const { caller, messages } = await run(greeter(() => () => Promise.reject(new GuestExit(3))));
    await expect(caller.call()).rejects.toMatchObject({ name: 'GuestExit', exitCode: 3 });
    expect(messages.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('logs a trap as an error', async () => {
    const { caller, messages } = await run(greeter(() => () => Promise.reject(new Error('boom'))));
    await expect(caller.call()).rejects.toBeInstanceOf(HostError);
    expect(messages).toContainEqual({ level: 'error', message: 'a call failed' });
  });

  it('rejects with what args throws and does not keep the instance', async () => {
    const { caller, engine } = await run(counter(), { poolSize: 1 });
    const args = (): never => {
      throw new TypeError('bad arguments');
    };
    await expect(caller.call({ args })).rejects.toThrow('bad arguments');
    expect(engine.live.size).toBe(0);
  });

  it('ends a guest that was interrupted from inside one of its own host calls', async () => {
    const gone = new AbortController();
    const { caller, engine } = await run(
      greeter(() => () => {
        gone.abort();
        return 'too late';
      }),
    );
    await expect(caller.call({ signal: gone.signal })).rejects.toMatchObject({ code: 'ERR_CALL_ABORTED' });
    expect(engine.live.size).toBe(0);
  });
});
