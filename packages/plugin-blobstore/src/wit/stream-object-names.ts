import type { BoundStore } from '../bound-store.js';
import { toWitError } from '../errors.js';

/** Names that one call gives or skips at most, whatever the guest asks for. */
const maxNamesPerCall = 10_000;

/** A backend may hold 100,000 names for a listing: it counts as so many streams. */
const listingWeight = 32;

/** `wasi:blobstore/container`, `resource stream-object-names`. */
export class StreamObjectNames {
  readonly #pages: AsyncIterator<readonly string[]>;
  readonly #store: BoundStore;
  readonly #release: () => void;
  #page: readonly string[] = [];
  #offset = 0;
  #hasEnded = false;

  /** Made by `list-objects` of a container. @throws BlobstoreError `too-many-streams`. */
  constructor(pages: AsyncIterable<readonly string[]>, store: BoundStore) {
    this.#release = store.quota.take(listingWeight);
    this.#pages = pages[Symbol.asyncIterator]();
    this.#store = store;
  }

  /**
   * `read-stream-object-names: func(len: u64) -> result<tuple<list<object-name>, bool>, error>`. Up to `len` names, at most 10,000, and whether
   * they were the last ones. No names without the end only for a `len` of 0.
   */
  async readStreamObjectNames(len: bigint): Promise<[string[], boolean]> {
    const names: string[] = [];
    const hasEnded = await this.#take(len, (taken) => names.push(...taken));
    return [names, hasEnded];
  }

  /** `skip-stream-object-names: func(num: u64) -> result<tuple<u64, bool>, error>`. How many were skipped, at most 10,000, and whether they were the last ones. */
  async skipStreamObjectNames(num: bigint): Promise<[bigint, boolean]> {
    let skipped = 0;
    const hasEnded = await this.#take(num, (taken) => {
      skipped += taken.length;
    });
    return [BigInt(skipped), hasEnded];
  }

  /** Ends the listing. */
  [Symbol.dispose](): void {
    this.#hasEnded = true;
    this.#page = [];
    this.#offset = 0;
    this.#release();
    this.#pages.return?.().catch(() => {});
  }

  async #take(count: bigint, use: (names: readonly string[]) => void): Promise<boolean> {
    let wanted = count > maxNamesPerCall ? maxNamesPerCall : Number(count);
    try {
      // Looks one page ahead, so that the last names come with the end.
      while (await this.#hasMore()) {
        if (wanted === 0) return false;
        const taken = this.#page.slice(this.#offset, this.#offset + wanted);
        this.#offset += taken.length;
        wanted -= taken.length;
        use(taken);
      }
      return true;
    } catch (error) {
      this.#hasEnded = true;
      this.#release();
      throw toWitError(error, this.#store.logger);
    }
  }

  async #hasMore(): Promise<boolean> {
    while (this.#offset === this.#page.length) {
      if (this.#hasEnded) {
        this.#release();
        return false;
      }
      const result = await this.#pages.next();
      this.#hasEnded ||= result.done === true;
      this.#page = result.done === true ? [] : result.value;
      this.#offset = 0;
    }
    return true;
  }
}
