import { type ExportHandle, HostError, type Logger, WitError } from '@lodge/core';
import type { Lane, ShedReason, Ticket } from './admission.js';
import type { DeliveryOutcome, Message } from './backend.js';
import { pause } from './pause.js';
import type { ReplyGrants } from './reply-grants.js';
import type { ShedCounter } from './shed-counter.js';
import { isInbox, isReserved, isSubject, matchesPattern } from './subjects.js';

/** What a {@link Receiver} works with. */
export interface ReceiverOptions {
  readonly handler: ExportHandle;
  /** The component's queue. The receiver leaves it open. */
  readonly lane: Lane;
  readonly subjects: readonly string[];
  readonly admissionWaitMs: number;
  /** Milliseconds that the handler has for one message. */
  readonly deliverTimeoutMs: number;
  readonly grants: ReplyGrants;
  readonly sheds: ShedCounter;
  readonly logger: Logger;
}

/** Characters of a guest's error that reach the log. */
const maxErrorLength = 500;
/** Milliseconds until a host without room for another instance is asked again: the first time, and at most. */
const firstPauseMs = 5;
const maxPauseMs = 250;

/** Brings the messages of one subscription to its component: waits for a place, calls the handler, says what came of it. */
export class Receiver {
  readonly #options: ReceiverOptions;
  readonly #tickets = new Set<Ticket>();
  readonly #stop = new AbortController();

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async receive(message: Message): Promise<DeliveryOutcome> {
    if (this.#stop.signal.aborted) return 'stopped';
    const until = performance.now() + this.#options.admissionWaitMs;
    const { subject } = message;
    // A wildcard may match what is not for guests.
    if (!isSubject(subject) || isReserved(subject)) return 'refused';
    const admitted = await this.#admit(message);
    if (admitted !== 'admitted') return admitted;
    const { lane } = this.#options;
    try {
      return this.#stop.signal.aborted ? 'stopped' : await this.#handle(message, until);
    } finally {
      lane.leave();
    }
  }

  /** Gives up what waits and takes nothing more; what runs goes on. */
  stop(): void {
    this.#stop.abort();
    for (const ticket of this.#tickets) ticket.cancel();
  }

  async #admit(message: Message): Promise<'admitted' | 'stopped' | 'shed'> {
    const { lane, admissionWaitMs } = this.#options;
    const ticket = lane.enter(message.body.byteLength, admissionWaitMs);
    this.#tickets.add(ticket);
    const outcome = await ticket.outcome;
    this.#tickets.delete(ticket);
    if (outcome === 'admitted') return outcome;
    if (outcome === 'cancelled') return 'stopped';
    this.#shed(message.subject, outcome);
    return 'shed';
  }

  async #handle({ subject, body, replyTo }: Message, until: number): Promise<DeliveryOutcome> {
    const { grants } = this.#options;
    const isUsable = replyTo !== undefined && isSubject(replyTo) && (isInbox(replyTo) || !isReserved(replyTo));
    const given = { subject, body, replyTo: isUsable ? replyTo : undefined };
    const inbox = isUsable && isInbox(replyTo) ? replyTo : undefined;
    if (inbox !== undefined) grants.add(inbox);
    try {
      if (await this.#call(given, until)) return 'handled';
      if (this.#stop.signal.aborted) return 'stopped';
      this.#shed(subject, 'timeout');
      return 'shed';
    } catch (error) {
      return this.#failed(subject, error);
    } finally {
      if (inbox !== undefined) grants.remove(inbox);
    }
  }

  /** Calls the handler; as long as the message may wait, again while the host has no room for an instance of it. Answers whether there was room. */
  async #call(given: Message, until: number): Promise<boolean> {
    const { handler, deliverTimeoutMs } = this.#options;
    const { signal } = this.#stop;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, maxPauseMs)) {
      let hasBegun = false;
      const args = (): readonly [Message] => {
        hasBegun = true;
        return [given];
      };
      try {
        await handler.call({ args, deadlineMs: deliverTimeoutMs });
        return true;
      } catch (error) {
        if (hasBegun || !HostError.is(error, 'ERR_LIMIT_EXCEEDED')) throw error;
      }
      const leftMs = until - performance.now();
      if (leftMs <= 0 || signal.aborted) return false;
      await pause(Math.min(pauseMs, leftMs), signal);
    }
  }

  #failed(subject: string, error: unknown): DeliveryOutcome {
    const isStopped = HostError.is(error, 'ERR_WORKLOAD_STOPPED') || HostError.is(error, 'ERR_CALL_ABORTED');
    if (isStopped) return 'stopped';
    // The host has logged traps and deadlines.
    if (WitError.is(error)) {
      const { component } = this.#options.handler;
      this.#options.logger.log('warn', 'a message handler answered with an error', {
        workload: component.workload.id,
        component: component.name,
        subject,
        error: String(error.payload).slice(0, maxErrorLength),
      });
    }
    return 'failed';
  }

  #shed(subject: string, reason: ShedReason): void {
    const { sheds, handler, subjects } = this.#options;
    // A pattern names the counter: subjects may be without number.
    const pattern = subjects.find((candidate) => matchesPattern(candidate, subject));
    sheds.add(handler.component, pattern ?? '<unmatched>', reason);
  }
}
