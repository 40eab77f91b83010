import { HostError } from './errors.js';
import type { Shared } from './plugin.js';

/** The things that plugins of one host have in common, by key. */
export class SharedThings {
  readonly #things = new Map<string, Promise<Shared>>();
  #isClosed = false;

  /** The thing under `key`; who asks first makes it. One that could not be made is forgotten, so the next may try again. */
  get<T extends Shared>(key: string, create: () => Promise<T>): Promise<T> {
    const known = this.#things.get(key);
    // Whoever uses a key knows what stands behind it.
    if (known !== undefined) return known as Promise<T>;
    if (this.#isClosed)
      return Promise.reject(new HostError('ERR_HOST_STATE', 'the host has stopped; nothing can be shared any more'));
    const made = (async () => create())();
    this.#things.set(key, made);
    made.catch(() => {
      if (this.#things.get(key) === made) this.#things.delete(key);
    });
    return made;
  }

  /** Closes all, newest first; `wait` bounds each. Answers with what failed. */
  async close(wait: <T>(work: Promise<T>) => Promise<T>): Promise<unknown[]> {
    this.#isClosed = true;
    const failures: unknown[] = [];
    for (const thing of [...this.#things.values()].reverse()) {
      try {
        await wait(thing.then((made) => made.close()));
      } catch (error) {
        failures.push(error);
      }
    }
    this.#things.clear();
    return failures;
  }
}
