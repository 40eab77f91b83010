/** Inboxes that messages named as their reply subject: guests may answer there while they handle the message. */
export class ReplyGrants {
  readonly #grants = new Map<string, number>();

  /** Inboxes that may be answered now. */
  get size(): number {
    return this.#grants.size;
  }

  has(subject: string): boolean {
    return this.#grants.has(subject);
  }

  add(subject: string): void {
    this.#grants.set(subject, (this.#grants.get(subject) ?? 0) + 1);
  }

  remove(subject: string): void {
    const count = this.#grants.get(subject) ?? 0;
    if (count > 1) this.#grants.set(subject, count - 1);
    else this.#grants.delete(subject);
  }
}
