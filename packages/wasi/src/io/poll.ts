import { GuestFault } from '@lodge/core';
import type { Pollable, Waitable, Waiter } from './pollable.js';
import { nextTurn } from './turn.js';

/** `poll: func(in: list<borrow<pollable>>) -> list<u32>`. A promise only when it must wait. */
export type Poll = (pollables: readonly Pollable[]) => Uint32Array | Promise<Uint32Array>;

/** Options of {@link createPoll}. */
export interface PollOptions {
  /** Pollables that one poll may look at; more trap. @default 10_000 */
  readonly maxPollables?: number;
}

/**
 * Polls that answer at once before one lets the event loop turn. A guest that polls in a loop with a timeout of 0 would otherwise
 * keep from happening what it polls for.
 */
const pollsPerTurn = 64;

/** The `poll` of `wasi:io/poll`, for one component. */
export function createPoll(options: PollOptions = {}): Poll {
  const maxPollables = options.maxPollables ?? 10_000;
  let answersAtOnce = 0;

  return function poll(pollables) {
    if (pollables.length === 0) throw new GuestFault('poll was called with an empty list');
    if (pollables.length > maxPollables) {
      throw new GuestFault(`poll was called with ${pollables.length} pollables, of at most ${maxPollables}`);
    }
    const ready = readyIndexes(pollables);
    if (ready === undefined) {
      answersAtOnce = 0;
      return waitForAny(pollables);
    }
    if (++answersAtOnce < pollsPerTurn) return ready;
    answersAtOnce = 0;
    return nextTurn().then(() => readyIndexes(pollables) ?? waitForAny(pollables));
  };
}

/** The indexes of those that are ready, ascending; `undefined` when none is. */
function readyIndexes(pollables: readonly Pollable[]): Uint32Array | undefined {
  const ready: number[] = [];
  for (let index = 0; index < pollables.length; index++) {
    if (pollables[index]?.ready()) ready.push(index);
  }
  return ready.length === 0 ? undefined : new Uint32Array(ready);
}

function waitForAny(pollables: readonly Pollable[]): Promise<Uint32Array> {
  return new Promise((resolve, reject) => {
    const waitables = new Set<Waitable>();
    function leave(): void {
      for (const waitable of waitables) waitable.remove(waiter);
    }
    const waiter: Waiter = {
      wake() {
        try {
          const ready = readyIndexes(pollables);
          if (ready === undefined) return;
          leave();
          resolve(ready);
        } catch (error) {
          leave();
          reject(error);
        }
      },
    };
    try {
      for (const { waitable } of pollables) {
        waitables.add(waitable);
        waitable.add(waiter);
      }
    } catch (error) {
      leave();
      reject(error);
    }
  });
}
