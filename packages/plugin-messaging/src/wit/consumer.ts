import { type InstanceScope, type Logger, WitError } from '@lodge/core';
import type { MessagingSession } from '../backend.js';
import { toWitError } from '../errors.js';
import { MessagingFailure } from '../messaging-failure.js';
import type { PublishPolicy } from '../publish-policy.js';

/** `record broker-message { subject: string, body: list<u8>, reply-to: option<string> }` */
export interface BrokerMessage {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly replyTo: string | undefined;
}

/** `wasmcloud:messaging/consumer` */
export interface Consumer {
  /** `request: func(subject: string, body: list<u8>, timeout-ms: u32) -> result<broker-message, string>` */
  request(subject: string, body: Uint8Array, timeoutMs: number): Promise<BrokerMessage>;
  /** `publish: func(msg: broker-message) -> result<_, string>` */
  publish(message: BrokerMessage): Promise<void>;
}

/** What {@link consumer} works with. */
export interface ConsumerOptions {
  readonly session: MessagingSession;
  readonly policy: PublishPolicy;
  readonly logger: Logger;
}

/** The longest that a timer takes. */
const maxTimeoutMs = 2_147_483_647;

/** The consumer of one instance: what it waits for is given up when it ends. */
export function consumer({ session, policy, logger }: ConsumerOptions, scope: InstanceScope): Consumer {
  return Object.freeze({
    async request(subject: string, body: Uint8Array, timeoutMs: number): Promise<BrokerMessage> {
      refuseWith(policy.refuse(subject));
      const timeout = Math.min(Math.max(1, timeoutMs), maxTimeoutMs);
      try {
        const reply = await session.request({ subject, body, timeoutMs: timeout, signal: scope.signal });
        // Where a reply wants its own answer is an inbox of somebody else.
        return { subject: reply.subject, body: reply.body, replyTo: undefined };
      } catch (error) {
        if (MessagingFailure.is(error) && error.kind === 'timeout') {
          throw new WitError(`request timed out after ${timeoutMs}ms`);
        }
        throw failed(error, 'request', logger);
      }
    },
    async publish({ subject, body, replyTo }: BrokerMessage): Promise<void> {
      refuseWith(policy.refuse(subject));
      if (replyTo !== undefined) refuseWith(policy.refuseReplyTo(replyTo));
      try {
        await session.publish({ subject, body, replyTo }, { signal: scope.signal });
      } catch (error) {
        throw failed(error, 'publish', logger);
      }
    },
  });
}

function refuseWith(problem: string | undefined): void {
  if (problem !== undefined) throw new WitError(problem);
}

/** The guest gets a fixed text. What is no failure of a broker is a defect of a backend, and is logged. */
function failed(error: unknown, operation: string, logger: Logger): WitError<string> {
  const level = MessagingFailure.is(error) && error.kind !== 'unknown' ? 'debug' : 'error';
  logger.log(level, 'a messaging operation failed', { operation, error });
  return toWitError(error);
}
