import { KeyValueError } from './errors.js';

/** Counts the bytes that handles of guests keep in the memory of the host. */
export class HeldBytes {
  readonly #limit: number;
  #held = 0;

  /** @param limit bytes that may be held at a time */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Counts `bytes` until the returned function is called, which may happen twice.
   *
   * @throws KeyValueError `other`
   */
  take(bytes: number): () => void {
    if (this.#held + bytes > this.#limit) throw new KeyValueError('other', 'too many cas handles are open: drop some');
    this.#held += bytes;
    let isHeld = true;
    return () => {
      if (isHeld) this.#held -= bytes;
      isHeld = false;
    };
  }
}
