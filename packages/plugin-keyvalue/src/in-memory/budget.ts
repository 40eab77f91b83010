import { KeyValueError } from '../errors.js';

/** The bytes that a backend may still use. */
export class Budget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Takes `bytes`; negative ones are given back. @throws KeyValueError `other` when there are not so many left. */
  take(bytes: number): void {
    if (bytes > 0 && bytes > this.#left) throw new KeyValueError('other', 'the store is full');
    this.#left -= bytes;
  }
}
