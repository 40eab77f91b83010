import { expect, test } from 'vitest';
import { StartGate, type StartTicket } from './start-gate.js';

const never = new AbortController().signal;

function admit(gate: StartGate, bytes = 1): StartTicket {
  const ticket = gate.admit(bytes);
  if (ticket === undefined) throw new Error('no place');
  return ticket;
}

/** Whether it is settled after everything that can happen by itself has happened. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => {
      settled = true;
    },
    () => {
      settled = true;
    },
  );
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

test('starts take their turns in order, so many at a time', async () => {
  const gate = new StartGate({ maxConcurrent: 1, maxPending: 10, maxPendingBytes: 100 });
  const tickets = [admit(gate), admit(gate), admit(gate)] as const;
  const turns = tickets.map((ticket) => ticket.turn(never));
  await turns[0];
  expect(await isSettled(turns[1] as Promise<void>)).toBe(false);
  tickets[0].release();
  tickets[0].release();
  await turns[1];
  expect(await isSettled(turns[2] as Promise<void>)).toBe(false);
  tickets[1].release();
  await turns[2];
});

test('who gives up while it waits is passed over', async () => {
  const gate = new StartGate({ maxConcurrent: 1, maxPending: 10, maxPendingBytes: 100 });
  const [first, second, third] = [admit(gate), admit(gate), admit(gate)];
  await first.turn(never);
  const controller = new AbortController();
  const given = second.turn(controller.signal);
  const turn = third.turn(never);
  controller.abort(new Error('stopped'));
  await expect(given).rejects.toThrow('stopped');
  second.release();
  first.release();
  await turn;
});

test('a place that was given back in the same turn as it was won is free again', async () => {
  const gate = new StartGate({ maxConcurrent: 1, maxPending: 10, maxPendingBytes: 100 });
  const [first, second, third] = [admit(gate), admit(gate), admit(gate)];
  await first.turn(never);
  const turn = second.turn(never);
  first.release();
  second.release();
  await turn;
  await third.turn(never);
});

test('starts and their bytes are bounded, and released ones do not count', () => {
  const gate = new StartGate({ maxConcurrent: 5, maxPending: 2, maxPendingBytes: 10 });
  const first = admit(gate, 4);
  expect(gate.admit(7)).toBeUndefined();
  admit(gate, 6);
  expect(gate.admit(0)).toBeUndefined();
  first.release();
  expect(gate.pending).toBe(1);
  expect(gate.admit(4)).toBeDefined();
});
