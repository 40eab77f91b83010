import type { HostEvents } from './host.js';
import type { Logger } from './logger.js';

type Listener = (event: HostEvents[keyof HostEvents]) => void;

/** The listeners of a host. What one throws is logged and keeps nobody else from hearing. */
export class EventListeners {
  readonly #listeners = new Map<keyof HostEvents, Set<Listener>>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  on<Name extends keyof HostEvents>(event: Name, listener: (event: HostEvents[Name]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    // A wrapper of its own: the same function added twice is two listeners, each with its own end.
    const wrapped = (data: HostEvents[keyof HostEvents]): void => listener(data as HostEvents[Name]);
    listeners.add(wrapped);
    return () => {
      listeners.delete(wrapped);
    };
  }

  emit<Name extends keyof HostEvents>(event: Name, data: HostEvents[Name]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        listener(data);
      } catch (error) {
        this.#logger.log('error', 'an event listener failed', { event, error });
      }
    }
  }
}
