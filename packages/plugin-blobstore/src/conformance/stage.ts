import assert from 'node:assert/strict';
import { eventually, hostContext, neverAborted, promptly } from '@lodge-internal/conformance';
import type { BlobstoreBackend, ByteRange, ContainerPlace } from '../backend.js';
import { BlobstoreError, type BlobstoreErrorKind } from '../errors.js';
import type { BlobstoreBackendSetup } from './setup.js';

/** Milliseconds until an operation must have settled. */
const maxWaitMs = 10_000;

/** The container that most rules use. */
export const photos: ContainerPlace = Object.freeze({ namespace: 'shop', store: 'default', container: 'photos' });

/** A started backend, with words for what rules do with it. */
export class Stage {
  readonly backend: BlobstoreBackend;
  readonly setup: BlobstoreBackendSetup;
  readonly #host = hostContext();

  constructor(backend: BlobstoreBackend, setup: BlobstoreBackendSetup) {
    this.backend = backend;
    this.setup = setup;
  }

  async start(): Promise<void> {
    await this.backend.start?.(this.#host.context, going());
  }

  async create(container: ContainerPlace): Promise<void> {
    await this.backend.createContainer(container, going());
  }

  async put(container: ContainerPlace, name: string, content: string | Uint8Array): Promise<void> {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    await this.backend.write(container, name, pieces(bytes), going());
  }

  async bytes(container: ContainerPlace, name: string, range?: ByteRange): Promise<Uint8Array> {
    const reading = await this.backend.read(container, name, { ...going(), ...(range === undefined ? {} : { range }) });
    const all = Buffer.concat(await Array.fromAsync(reading.bytes));
    assert.equal(all.length, reading.size, 'size of a reading must be the bytes that it gives');
    return all;
  }

  async text(container: ContainerPlace, name: string, range?: ByteRange): Promise<string> {
    return new TextDecoder().decode(await this.bytes(container, name, range));
  }

  async exists(container: ContainerPlace, name: string): Promise<boolean> {
    return (await this.backend.objectInfo(container, name, going())) !== undefined;
  }

  async delete(container: ContainerPlace, name: string): Promise<void> {
    await this.backend.deleteObject(container, name, going());
  }

  async names(container: ContainerPlace): Promise<string[]> {
    const pages = await Array.fromAsync(this.backend.listObjects(container, going()));
    const names = pages.flat();
    assert.equal(new Set(names).size, names.length, 'a name was listed twice');
    return names.sort();
  }

  /** Asks until the answer is right. @throws AssertionError with the last answer. */
  async eventually(read: () => Promise<number>, isRight: (value: number) => boolean, message: string): Promise<void> {
    await eventually(read, { isRight, patienceMs: this.setup.patienceMs ?? 10_000, message });
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.backend.stop?.(going())]);
    await this.#host.close().catch(() => {});
    await this.setup.dispose?.(this.backend);
  }
}

/** Runs a rule with a new, started backend that has the container {@link photos}, and takes it down. */
export async function withBackend(
  setup: BlobstoreBackendSetup,
  rule: (stage: Stage) => Promise<void>,
  create: () => BlobstoreBackend | Promise<BlobstoreBackend> = () => setup.create(),
): Promise<void> {
  const stage = new Stage(await create(), setup);
  try {
    await stage.start();
    await stage.create(photos);
    await rule(stage);
  } finally {
    await stage.close();
  }
}

/** A signal that never aborts. */
export function going(): { readonly signal: AbortSignal } {
  return { signal: neverAborted() };
}

/** The bytes in pieces of different sizes, some of them empty. */
export async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  let size = 1;
  for (let offset = 0; offset < bytes.length; offset += size, size = Math.min(size * 7 + 3, 200_000)) {
    yield new Uint8Array(0);
    yield bytes.slice(offset, offset + size);
  }
}

/** Bytes that differ at every place, so that a wrong range shows. */
export function pattern(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let index = 0; index < size; index++)
    bytes[index] = (index * 7 + (index >>> 8) * 13 + (index >>> 16) * 17) & 255;
  return bytes;
}

/** The operation must reject with an error of that kind. */
export async function fails(work: Promise<unknown>, kind: BlobstoreErrorKind, what: string): Promise<void> {
  const error = await inTime(
    work.then(
      () => undefined,
      (reason: unknown) => reason,
    ),
    what,
  );
  assert.ok(BlobstoreError.is(error, kind), `${what} must fail with '${kind}', not ${describe(error)}`);
}

/** The operation must settle soon. */
export async function inTime<T>(work: Promise<T>, what: string): Promise<T> {
  return promptly(work, maxWaitMs, `${what} takes too long`);
}

function describe(error: unknown): string {
  if (error === undefined) return 'succeed';
  return error instanceof Error ? `${error.name} ${error.message}` : String(error);
}
