import { type ExportHandle, HostError, type InterfaceId, type Logger, type ResolvedWorkload } from '@lodge/core';
import type { KeyValueChange } from './backend.js';
import { KeyValueError } from './errors.js';
import type { KeyValueLimits } from './limits.js';
import type { StoreAccess } from './store-access.js';
import { Bucket, Bucket2, type OpenedBucket } from './wit/bucket.js';

/** The export that watches call, in both drafts. */
export const watcherIds: readonly ['wasi:keyvalue/watcher@0.2.0-draft', 'wasi:keyvalue/watcher@0.2.0-draft2'] = [
  'wasi:keyvalue/watcher@0.2.0-draft',
  'wasi:keyvalue/watcher@0.2.0-draft2',
];

/** Who is told of the changes of one bucket. */
export interface WatchTarget {
  readonly id: InterfaceId;
  /** The component that exports the interface. */
  readonly component: string;
  readonly access: StoreAccess;
  readonly bucket: string;
}

interface Watch extends WatchTarget {
  readonly opened: OpenedBucket;
  readonly changes: AsyncIterable<KeyValueChange>;
}

/** The watches of one workload: they take note of changes from {@link Watches.add} on, and hand them out from {@link Watches.start} on. */
export class Watches {
  readonly #limits: KeyValueLimits;
  readonly #logger: Logger;
  readonly #end = new AbortController();
  readonly #watches: Watch[] = [];
  readonly #running: Promise<void>[] = [];

  constructor(limits: KeyValueLimits, logger: Logger) {
    this.#limits = limits;
    this.#logger = logger;
  }

  /** @throws HostError `ERR_PLUGIN_FAILED` when the bucket cannot be opened */
  async add(target: WatchTarget): Promise<void> {
    try {
      const opened = await target.access.open(target.bucket);
      const changes = await opened.stored.watch?.({ signal: this.#end.signal });
      if (changes !== undefined) this.#watches.push({ ...target, opened, changes });
    } catch (error) {
      if (!KeyValueError.is(error)) throw error;
      const message = `The bucket '${target.bucket}' of wasi:keyvalue cannot be watched: ${error.message}.`;
      throw new HostError('ERR_PLUGIN_FAILED', message, { cause: error });
    }
  }

  start(workload: ResolvedWorkload): void {
    for (const watch of this.#watches) {
      const handler = {
        onSet: findHandle(workload, watch, 'on-set'),
        onDelete: findHandle(workload, watch, 'on-delete'),
      };
      this.#running.push(this.#run(workload, watch, handler));
    }
  }

  /** Ends all of them. Idempotent. */
  async stop(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#running);
    // Those that never ran have their own things to let go of.
    await Promise.all(this.#watches.splice(0).map(({ changes }) => changes[Symbol.asyncIterator]().return?.()));
  }

  async #run(workload: ResolvedWorkload, watch: Watch, { onSet, onDelete }: WatchHandler): Promise<void> {
    try {
      for await (const change of watch.changes) {
        if (this.#end.signal.aborted) return;
        await this.#tell(watch, change.value === undefined ? onDelete : onSet, change);
      }
      if (this.#end.signal.aborted) return;
      throw new Error('the component does not keep up with its changes');
    } catch (error) {
      if (this.#end.signal.aborted) return;
      const message = `The watch of the bucket '${watch.bucket}' of wasi:keyvalue ended.`;
      workload.fail(new HostError('ERR_PLUGIN_FAILED', message, { cause: error }));
    }
  }

  /** One after the other: that keeps the changes of a key in order. A handler that fails misses its change, and nobody else's. */
  async #tell(watch: Watch, handle: ExportHandle | undefined, { key, value }: KeyValueChange): Promise<void> {
    const BucketType = watch.id === watcherIds[0] ? Bucket : Bucket2;
    try {
      await handle?.call({
        args: () => {
          const bucket = new BucketType(watch.opened);
          return value === undefined ? [bucket, key] : [bucket, key, value];
        },
        deadlineMs: this.#limits.watchDeadlineMs,
      });
    } catch (error) {
      if (this.#end.signal.aborted) return;
      this.#logger.log('warn', 'a component failed to handle a change of its bucket', {
        component: watch.component,
        bucket: watch.bucket,
        error,
      });
    }
  }
}

interface WatchHandler {
  readonly onSet: ExportHandle | undefined;
  readonly onDelete: ExportHandle | undefined;
}

function findHandle(workload: ResolvedWorkload, watch: Watch, name: string): ExportHandle | undefined {
  return workload.exports(watch.id, name).find(({ component }) => component.name === watch.component);
}
