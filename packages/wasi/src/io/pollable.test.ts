import { describe, expect, test } from 'vitest';
import { Gate } from './gate.js';
import { Pollable, pollable, type Readiness, Waitable } from './pollable.js';

/** A condition that the test switches. */
class Switch implements Readiness {
  readonly gate: Gate = new Gate();
  isOn = false;
  closes = 0;
  asked = 0;

  isReady(): boolean {
    return this.isOn;
  }

  whenReady(): Promise<void> {
    this.asked++;
    return this.gate.wait();
  }

  close(): void {
    this.closes++;
  }

  turnOn(): void {
    this.isOn = true;
    this.gate.open();
  }
}

describe('pollable', () => {
  test('block answers without a promise when the condition holds', () => {
    const condition = new Switch();
    condition.isOn = true;
    const handle = pollable(condition);
    expect(handle.ready()).toBe(true);
    expect(handle.block()).toBeUndefined();
  });

  test('block settles once the condition holds', async () => {
    const condition = new Switch();
    const handle = pollable(condition);
    expect(handle.ready()).toBe(false);
    const blocked = handle.block();
    expect(blocked).toBeInstanceOf(Promise);
    condition.turnOn();
    await blocked;
    expect(handle.ready()).toBe(true);
  });

  test('many waits hold one reaction on the promise of the condition', () => {
    const condition = new Switch();
    const waitable = new Waitable(condition);
    for (let count = 0; count < 100; count++) void waitable.subscribe().block();
    expect(condition.asked).toBe(1);
    expect(waitable.waiters).toBe(100);
  });

  test('a condition that wakes for nothing neither ends the wait nor starves the event loop', async () => {
    let looks = 0;
    const handle = pollable({ isReady: () => looks > 1_000, whenReady: async () => void looks++ });
    const blocked = handle.block();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(looks).toBeLessThan(1_000);
    looks = 1_001;
    await blocked;
  });

  test('a rejection of the condition counts as settled', async () => {
    let isOn = false;
    const handle = pollable({
      isReady: () => isOn,
      async whenReady() {
        isOn = true;
        throw new Error('broken');
      },
    });
    await handle.block();
    expect(handle.ready()).toBe(true);
  });

  test('the condition is closed when its last handle is dropped', () => {
    const condition = new Switch();
    const waitable = new Waitable(condition);
    const [first, second] = [waitable.subscribe(), waitable.subscribe()];
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect(condition.closes).toBe(0);
    expect(waitable.handles).toBe(1);
    second[Symbol.dispose]();
    expect(condition.closes).toBe(1);
  });

  test('a dropped pollable cannot be used', () => {
    const handle = pollable(new Switch());
    handle[Symbol.dispose]();
    expect(() => handle.ready()).toThrow(/dropped/);
    expect(() => handle.block()).toThrow(/dropped/);
  });

  test('is an instance of the class that the interface exports', () => {
    expect(pollable(new Switch())).toBeInstanceOf(Pollable);
  });
});
