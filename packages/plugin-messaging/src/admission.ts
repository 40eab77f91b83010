/** Bounds of what waits for its turn, in all subscriptions of a lane. */
const maxWaiting = 10_000;
const maxWaitingBytes = 33_554_432;

/** Why a message was not admitted. */
export type ShedReason = 'timeout' | 'queue-full';

/** A message's place in the queue. */
export interface Ticket {
  /** `admitted` takes a place that {@link Lane.leave} gives back; anything else takes none. */
  readonly outcome: Promise<'admitted' | 'cancelled' | ShedReason>;
  /** Gives up the wait. Nothing once it is over. */
  cancel(): void;
}

/** What a {@link Lane} is found by: replicas of one component on a host share one. */
export interface LaneOptions {
  readonly key: string;
  readonly maxInFlight: number;
}

/** Lets messages in, so many at a time over all components of a host, and so many of each. Fair between components. */
export class Admission {
  readonly #maxInFlight: number;
  readonly #lanes = new Map<string, Lane>();
  #running = 0;
  #cursor = 0;

  constructor(maxInFlight: number) {
    this.#maxInFlight = maxInFlight;
  }

  /** Messages that are being handled. */
  get running(): number {
    return this.#running;
  }

  /** Lanes in use. */
  get size(): number {
    return this.#lanes.size;
  }

  /** The lane of a component; whoever asks for it closes it once. */
  open({ key, maxInFlight }: LaneOptions): Lane {
    const fullKey = JSON.stringify([key, maxInFlight]);
    const lane =
      this.#lanes.get(fullKey) ??
      new Lane(maxInFlight, {
        pump: () => this.#pump(),
        onLeave: () => {
          this.#running--;
          this.#pump();
        },
        onUnused: () => this.#lanes.delete(fullKey),
      });
    this.#lanes.set(fullKey, lane);
    lane.users++;
    return lane;
  }

  /** One message of each lane in turn, as long as there is room. */
  #pump(): void {
    const lanes = [...this.#lanes.values()];
    let idle = 0;
    while (this.#running < this.#maxInFlight && idle < lanes.length) {
      this.#cursor = (this.#cursor + 1) % lanes.length;
      if (lanes[this.#cursor]?.admitNext() === true) {
        this.#running++;
        idle = 0;
      } else idle++;
    }
  }
}

interface LaneHooks {
  pump(): void;
  onLeave(): void;
  onUnused(): void;
}

interface Waiting {
  readonly bytes: number;
  settle(outcome: 'admitted' | 'cancelled' | ShedReason): void;
}

/** The queue of one component. */
export class Lane {
  /** Who has it open. */
  users = 0;
  readonly #maxInFlight: number;
  readonly #hooks: LaneHooks;
  readonly #waiting = new Set<Waiting>();
  #waitingBytes = 0;
  #running = 0;

  constructor(maxInFlight: number, hooks: LaneHooks) {
    this.#maxInFlight = maxInFlight;
    this.#hooks = hooks;
  }

  /** Messages that wait for their turn. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Queues a message of `bytes`, at most for `waitMs`. */
  enter(bytes: number, waitMs: number): Ticket {
    if (this.#waiting.size >= maxWaiting || this.#waitingBytes + bytes > maxWaitingBytes) {
      return { outcome: Promise.resolve('queue-full'), cancel() {} };
    }
    const { promise, resolve } = Promise.withResolvers<'admitted' | 'cancelled' | ShedReason>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const waiting: Waiting = {
      bytes,
      settle: (outcome) => {
        if (!this.#waiting.delete(waiting)) return;
        this.#waitingBytes -= bytes;
        clearTimeout(timer);
        resolve(outcome);
      },
    };
    this.#waiting.add(waiting);
    this.#waitingBytes += bytes;
    this.#hooks.pump();
    if (this.#waiting.has(waiting)) timer = setTimeout(() => waiting.settle('timeout'), waitMs);
    return { outcome: promise, cancel: () => waiting.settle('cancelled') };
  }

  /** Lets the first in the queue in, if there is one and room for it. */
  admitNext(): boolean {
    if (this.#running >= this.#maxInFlight) return false;
    const [first] = this.#waiting;
    if (first === undefined) return false;
    this.#running++;
    first.settle('admitted');
    return true;
  }

  /** Gives back the place of an admitted message. */
  leave(): void {
    this.#running--;
    this.#hooks.onLeave();
  }

  /** Its user is gone. */
  close(): void {
    this.users--;
    if (this.users === 0) this.#hooks.onUnused();
  }
}
