import { describe, expect, test } from 'vitest';
import { Gate } from './gate.js';
import { createPoll } from './poll.js';
import { Waitable } from './pollable.js';

function readyWaitable(): Waitable {
  return new Waitable({ isReady: () => true, whenReady: async () => {} });
}

function neverWaitable(): Waitable {
  return new Waitable({ isReady: () => false, whenReady: () => new Promise(() => {}) });
}

function switchable(): { readonly waitable: Waitable; turnOn(): void } {
  const gate = new Gate();
  let isOn = false;
  return {
    waitable: new Waitable({ isReady: () => isOn, whenReady: () => gate.wait() }),
    turnOn() {
      isOn = true;
      gate.open();
    },
  };
}

describe('poll', () => {
  test('answers at once with every index that is ready, ascending', () => {
    const poll = createPoll();
    const pollables = [readyWaitable(), neverWaitable(), readyWaitable()].map((waitable) => waitable.subscribe());
    expect(poll(pollables)).toEqual(Uint32Array.of(0, 2));
  });

  test('waits until one is ready', async () => {
    const late = switchable();
    const answer = createPoll()([neverWaitable().subscribe(), late.waitable.subscribe()]);
    expect(answer).toBeInstanceOf(Promise);
    late.turnOn();
    expect(await answer).toEqual(Uint32Array.of(1));
  });

  test('names a pollable that is listed twice twice', async () => {
    const late = switchable();
    const handle = late.waitable.subscribe();
    const answer = createPoll()([handle, neverWaitable().subscribe(), handle, late.waitable.subscribe()]);
    late.turnOn();
    expect(await answer).toEqual(Uint32Array.of(0, 2, 3));
  });

  test('traps on an empty list', () => {
    expect(() => createPoll()([])).toThrow(/empty/);
  });

  test('traps on more pollables than allowed', () => {
    const handle = readyWaitable().subscribe();
    expect(createPoll({ maxPollables: 2 })([handle, handle])).toEqual(Uint32Array.of(0, 1));
    expect(() => createPoll({ maxPollables: 2 })([handle, handle, handle])).toThrow(/at most 2/);
    expect(() => createPoll()(new Array(10_001).fill(handle))).toThrow(/at most 10000/);
  });

  test('1,000 polls that end elsewhere leave no listener behind', async () => {
    const poll = createPoll();
    let asked = 0;
    const idle = new Waitable({
      isReady: () => false,
      whenReady() {
        asked++;
        return new Promise(() => {});
      },
    });
    for (let count = 0; count < 1_000; count++) {
      const late = switchable();
      const answer = poll([idle.subscribe(), late.waitable.subscribe()]);
      late.turnOn();
      expect(await answer).toEqual(Uint32Array.of(1));
      expect(late.waitable.waiters).toBe(0);
    }
    expect(idle.waiters).toBe(0);
    expect(asked).toBe(1);
  });

  test('a guest that is ended while it waits leaves no listener behind', () => {
    const waitable = neverWaitable();
    const handles = [waitable.subscribe(), waitable.subscribe()];
    void createPoll()(handles);
    void handles[0]?.block();
    expect(waitable.waiters).toBe(2);
    for (const handle of handles) handle[Symbol.dispose]();
    expect(waitable.waiters).toBe(0);
  });

  test('an error of one condition fails the poll and leaves the others', async () => {
    const other = neverWaitable();
    const gate = new Gate();
    let isBroken = false;
    const broken = new Waitable({
      isReady() {
        if (isBroken) throw new Error('broken');
        return false;
      },
      whenReady: () => gate.wait(),
    });
    const answer = createPoll()([other.subscribe(), broken.subscribe()]);
    isBroken = true;
    gate.open();
    await expect(answer).rejects.toThrow('broken');
    expect(other.waiters).toBe(0);
  });

  test('a dropped pollable traps', () => {
    const handle = readyWaitable().subscribe();
    handle[Symbol.dispose]();
    expect(() => createPoll()([handle])).toThrow(/dropped/);
  });

  test('a guest that polls what is ready in a loop lets the event loop turn', async () => {
    const poll = createPoll();
    const pollables = [readyWaitable().subscribe()];
    let hasTurned = false;
    setImmediate(() => {
      hasTurned = true;
    });
    for (let count = 0; count < 1_000 && !hasTurned; count++) {
      const answer = poll(pollables);
      if (answer instanceof Promise) expect(await answer).toEqual(Uint32Array.of(0));
    }
    expect(hasTurned).toBe(true);
  });
});
