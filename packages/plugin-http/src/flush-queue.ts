import type { BodyPipe } from './body-pipe.js';

/** Calls `run` once guests that can go on have gone as far as they can: they have suspended on something real, or returned. */
export type Schedule = (run: () => void) => void;

/**
 * Bodies that have something to send soon. One appointment serves all of them. It must lie behind the microtasks that are due:
 * a guest under JSPI suspends at calls that need not wait, and goes on a microtask later.
 */
export class FlushQueue {
  readonly #schedule: Schedule;
  #pipes: BodyPipe[] = [];
  #isScheduled = false;

  constructor(schedule: Schedule = nextTurn) {
    this.#schedule = schedule;
  }

  add(pipe: BodyPipe): void {
    this.#pipes.push(pipe);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#schedule(this.#run);
  }

  readonly #run = (): void => {
    const pipes = this.#pipes;
    this.#pipes = [];
    this.#isScheduled = false;
    for (const pipe of pipes) pipe.flushPlanned();
  };
}

function nextTurn(run: () => void): void {
  if (typeof setImmediate === 'function') setImmediate(run);
  else setTimeout(run, 0);
}
