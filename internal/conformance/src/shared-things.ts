import type { Shared } from '@lodge/core';

/** What plugins get from `PluginContext.shared`, as a host would give it: one thing per key, closed last. */
export class SharedThings {
  readonly #things = new Map<string, Promise<Shared>>();

  get<T extends Shared>(key: string, create: () => Promise<T>): Promise<T> {
    const known = this.#things.get(key);
    // Whoever uses a key knows what stands behind it.
    if (known !== undefined) return known as Promise<T>;
    const made = (async () => create())();
    this.#things.set(key, made);
    made.catch(() => this.#things.delete(key));
    return made;
  }

  async close(): Promise<void> {
    const things = [...this.#things.values()].reverse();
    this.#things.clear();
    for (const thing of things) await thing.then((made) => made.close());
  }
}
