import type { ReplyGrants } from './reply-grants.js';
import { isInbox, isReserved, isSubject, matchesPattern } from './subjects.js';

/** What {@link PublishPolicy} decides by. */
export interface PublishPolicyOptions {
  /** Unset: everything that is not reserved. */
  readonly allowed: readonly string[] | undefined;
  /** The component's own subscriptions: answers to its messages may go there. */
  readonly subscriptions: readonly string[];
  readonly grants: ReplyGrants;
}

/** Where one component may send messages. */
export class PublishPolicy {
  readonly #options: PublishPolicyOptions;

  constructor(options: PublishPolicyOptions) {
    this.#options = options;
  }

  /** Why a message may not go to `subject`, for the guest; `undefined` when it may. */
  refuse(subject: string): string | undefined {
    if (!isSubject(subject)) return 'the subject is not valid';
    return this.#mayReach(subject) ? undefined : 'access to the subject is denied';
  }

  /** The same of a reply subject: whoever answers would send there on behalf of the guest. */
  refuseReplyTo(subject: string): string | undefined {
    if (!isSubject(subject)) return 'the reply subject is not valid';
    const isOwn = (): boolean =>
      !isReserved(subject) && this.#options.subscriptions.some((pattern) => matchesPattern(pattern, subject));
    return this.#mayReach(subject) || isOwn() ? undefined : 'access to the reply subject is denied';
  }

  #mayReach(subject: string): boolean {
    const { allowed, grants } = this.#options;
    if (isInbox(subject)) return grants.has(subject);
    if (isReserved(subject)) return false;
    return allowed?.some((pattern) => matchesPattern(pattern, subject)) ?? true;
  }
}
