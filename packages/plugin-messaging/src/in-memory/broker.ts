import type { Message } from '../backend.js';
import { MessagingFailure } from '../messaging-failure.js';
import { matchesPattern } from '../subjects.js';

/** Messages that are handed out before other work of the host gets its turn. */
const maxBurst = 64;

/** Somebody who wants messages. */
export interface Listener {
  readonly subjects: readonly string[];
  readonly group: string | undefined;
  deliver(message: Message): void;
}

/** Takes messages to whoever listens, as a NATS server does. */
export class Broker {
  readonly #maxPayload: number;
  readonly #listeners = new Set<Listener>();
  readonly #inboxes = new Map<string, (reply: Message) => void>();
  /** Whose turn it is in each group. */
  readonly #turns = new Map<string, number>();
  #burst = 0;

  constructor(maxPayload: number) {
    this.#maxPayload = maxPayload;
  }

  /** Listeners and inboxes. */
  get held(): number {
    return this.#listeners.size + this.#inboxes.size;
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      const { group } = listener;
      if (group !== undefined && ![...this.#listeners].some((other) => other.group === group)) {
        this.#turns.delete(group);
      }
    };
  }

  openInbox(onReply: (reply: Message) => void): { readonly subject: string; close(): void } {
    const subject = `_INBOX.${crypto.randomUUID()}`;
    this.#inboxes.set(subject, onReply);
    return { subject, close: () => this.#inboxes.delete(subject) };
  }

  /**
   * Hands copies to all who listen; answers with how many they are.
   *
   * @throws MessagingFailure `too-large`
   */
  send(message: Message): number {
    const { subject, body, replyTo } = message;
    if (body.byteLength > this.#maxPayload) {
      throw new MessagingFailure('too-large', `a message has ${body.byteLength} bytes of at most ${this.#maxPayload}`);
    }
    this.#burst++;
    const copy = (): Message => ({ subject, body: body.slice(), replyTo });
    const onReply = this.#inboxes.get(subject);
    if (onReply !== undefined) {
      onReply(copy());
      return 1;
    }
    const chosen = this.#choose(subject);
    for (const listener of chosen) listener.deliver(copy());
    return chosen.length;
  }

  /** Who sends in a loop must not keep the host from its other work. */
  async pause(): Promise<void> {
    if (this.#burst < maxBurst) return;
    this.#burst = 0;
    await new Promise((resolve) => setImmediate(resolve));
  }

  #choose(subject: string): readonly Listener[] {
    const chosen: Listener[] = [];
    const groups = new Map<string, Listener[]>();
    for (const listener of this.#listeners) {
      if (!listener.subjects.some((pattern) => matchesPattern(pattern, subject))) continue;
      const { group } = listener;
      if (group === undefined) chosen.push(listener);
      else groups.set(group, [...(groups.get(group) ?? []), listener]);
    }
    for (const [group, members] of groups) {
      const turn = (this.#turns.get(group) ?? 0) % members.length;
      this.#turns.set(group, turn + 1);
      const member = members[turn];
      if (member !== undefined) chosen.push(member);
    }
    return chosen;
  }
}
