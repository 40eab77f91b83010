import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Bytes that one read of the file takes. */
const readBytes = 131_072;

/** Bytes that wait outside of memory: a temporary file, gone when it was read or disposed. */
export class Spool implements AsyncDisposable {
  #folder: string | undefined;
  #file: FileHandle | undefined;
  #size = 0;

  /** Bytes on disk. */
  get size(): number {
    return this.#size;
  }

  /** Adds bytes at the end. One call at a time. */
  async append(bytes: Uint8Array): Promise<void> {
    const file = this.#file ?? (await this.#open());
    for (let offset = 0; offset < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, offset, bytes.length - offset, this.#size);
      offset += bytesWritten;
      this.#size += bytesWritten;
    }
  }

  /** All that was added, once, in order. */
  async *bytes(): AsyncGenerator<Uint8Array> {
    for (let position = 0; position < this.#size && this.#file !== undefined; ) {
      const { bytesRead, buffer } = await this.#file.read(new Uint8Array(readBytes), 0, readBytes, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const file = this.#file;
    const folder = this.#folder;
    this.#file = undefined;
    this.#folder = undefined;
    this.#size = 0;
    await file?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }

  async #open(): Promise<FileHandle> {
    this.#folder = await mkdtemp(join(tmpdir(), 'lodge-blob-'));
    // A folder of its own is for its user only.
    this.#file = await open(join(this.#folder, 'body'), 'wx+', 0o600);
    return this.#file;
  }
}
