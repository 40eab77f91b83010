import type {
  KeyPage,
  KeyValueBucket,
  KeyValueChange,
  KeyValueEntry,
  ListKeysOptions,
  WatchOptions,
} from '../backend.js';
import { KeyValueError } from '../errors.js';
import type { Budget } from './budget.js';
import { ChangeQueue } from './change-queue.js';

interface Stored {
  value: Uint8Array;
  version: bigint;
  /** Where the key stands in the listing: as long as it exists, at the same place. */
  readonly place: bigint;
}

/** What a key costs besides its characters and its value: the entry and its place in the map. */
const entryBytes = 128;

/** A bucket as a map, which keeps its keys in the order in which they came. */
export class InMemoryBucket implements KeyValueBucket {
  readonly #budget: Budget;
  readonly #entries = new Map<string, Stored>();
  readonly #watches = new Set<ChangeQueue>();
  #writes = 0n;
  #isClosed = false;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  get(key: string): KeyValueEntry {
    const stored = this.#entries.get(key);
    return stored === undefined
      ? { value: undefined, version: 0n }
      : { value: stored.value.slice(), version: stored.version };
  }

  set(key: string, value: Uint8Array): void {
    this.#assertOpen();
    const stored = this.#entries.get(key);
    this.#budget.take(
      stored === undefined ? entryBytes + 2 * key.length + value.length : value.length - stored.value.length,
    );
    const copy = value.slice();
    const version = ++this.#writes;
    if (stored === undefined) {
      this.#entries.set(key, { value: copy, version, place: version });
    } else {
      stored.value = copy;
      stored.version = version;
    }
    this.#tell({ key, value: copy });
  }

  delete(key: string): void {
    const stored = this.#entries.get(key);
    if (stored === undefined) return;
    this.#entries.delete(key);
    this.#writes++;
    this.#budget.take(-(entryBytes + 2 * key.length + stored.value.length));
    this.#tell({ key, value: undefined });
  }

  swap(key: string, value: Uint8Array, version: bigint): boolean {
    if ((this.#entries.get(key)?.version ?? 0n) !== version) return false;
    this.set(key, value);
    return true;
  }

  listKeys({ cursor, limit }: ListKeysOptions): KeyPage {
    const keys: string[] = [];
    let last = cursor;
    for (const [key, { place }] of this.#entries) {
      if (place <= cursor) continue;
      if (keys.length === limit) return { keys, cursor: last };
      keys.push(key);
      last = place;
    }
    return { keys };
  }

  async watch({ signal }: WatchOptions): Promise<AsyncIterable<KeyValueChange>> {
    this.#assertOpen();
    const queue = new ChangeQueue(() => this.#watches.delete(queue));
    this.#watches.add(queue);
    signal.addEventListener('abort', () => queue.close(), { once: true });
    if (signal.aborted) queue.close();
    return queue;
  }

  /** Ends the watches and lets go of the contents. */
  close(): void {
    this.#isClosed = true;
    for (const watch of this.#watches) watch.close();
    this.#entries.clear();
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new KeyValueError('other', 'the store is closed');
  }

  #tell(change: KeyValueChange): void {
    // Whoever watches gets a copy of its own when its turn comes; a stored value is never written to.
    for (const watch of this.#watches) watch.push(change);
  }
}
