import { type ExportHandle, HostError, type Logger, WitError } from '@lodge/core';
import type { Lane, ShedReason, Ticket } from './admission.js';
import type { DeliveryOutcome, Message } from './backend.js';
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

/** Brings the messages of one subscription to its component: waits for a place, calls the handler, says what came of it. */
export class Receiver {
  readonly #options: ReceiverOptions;
  readonly #tickets = new Set<Ticket>();
  #isStopped = false;

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async receive(message: Message): Promise<DeliveryOutcome> {
    if (this.#isStopped) return 'stopped';
    const { subject } = message;
    // A wildcard may match what is not for guests.
    if (!isSubject(subject) || isReserved(subject)) return 'refused';
    const admitted = await this.#admit(message);
    if (admitted !== 'admitted') return admitted;
    const { lane } = this.#options;
    try {
      return this.#isStopped ? 'stopped' : await this.#handle(message);
    } finally {
      lane.leave();
    }
  }

  /** Gives up what waits and takes nothing more; what runs goes on. */
  stop(): void {
    this.#isStopped = true;
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

  async #handle({ subject, body, replyTo }: Message): Promise<DeliveryOutcome> {
    const { handler, deliverTimeoutMs, grants } = this.#options;
    const isUsable = replyTo !== undefined && isSubject(replyTo) && (isInbox(replyTo) || !isReserved(replyTo));
    const given = { subject, body, replyTo: isUsable ? replyTo : undefined };
    const inbox = isUsable && isInbox(replyTo) ? replyTo : undefined;
    if (inbox !== undefined) grants.add(inbox);
    try {
      await handler.call({ args: () => [given], deadlineMs: deliverTimeoutMs });
      return 'handled';
    } catch (error) {
      return this.#failed(subject, error);
    } finally {
      if (inbox !== undefined) grants.remove(inbox);
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
