import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { delay, orAbandon, orAbort, Patience } from './patience.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const never = (): Promise<never> => new Promise(() => undefined);

describe('orAbort', () => {
  it('leaves nothing on a signal that lives longer', async () => {
    const { signal } = new AbortController();
    await orAbort(Promise.resolve(1), signal);
    await orAbort(Promise.reject(new Error('no')), signal).catch(() => undefined);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('rejects at once for a signal that has aborted, and leaves no rejection unhandled', async () => {
    const reason = new Error('too late');
    await expect(orAbort(Promise.reject(new Error('no')), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe('orAbandon', () => {
  it('gives the work a second after the abort', async () => {
    const controller = new AbortController();
    let isOver = false;
    const abandoned = orAbandon(never(), controller.signal).catch(() => {
      isOver = true;
    });
    controller.abort(new Error('stopped'));
    await vi.advanceTimersByTimeAsync(999);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await abandoned;
    expect(isOver).toBe(true);
  });

  it('leaves no timer and no listener', async () => {
    const { signal } = new AbortController();
    expect(await orAbandon(Promise.resolve(1), signal)).toBe(1);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('Patience', () => {
  it('is shared by everything that waits with it', async () => {
    const patience = new Patience(100, 'this');
    const waits = [patience.wait(never()), patience.wait(never())].map((wait) =>
      wait.catch((error: Error) => error.message),
    );
    await vi.advanceTimersByTimeAsync(100);
    expect(await Promise.all(waits)).toEqual(Array(2).fill('this took more than 100 ms and was left behind'));
    patience.end();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of 0 ms waits for nothing', async () => {
    const patience = new Patience(0, 'this');
    await expect(patience.wait(never())).rejects.toMatchObject({ code: 'ERR_CALL_TIMEOUT' });
    patience.end();
  });
});

describe('delay', () => {
  it('ends early when its signal aborts, and leaves no timer', async () => {
    const controller = new AbortController();
    const waiting = delay(10_000, controller.signal);
    controller.abort();
    await waiting;
    expect(vi.getTimerCount()).toBe(0);
  });
});
