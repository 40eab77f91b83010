import { createHash } from 'node:crypto';
import { readFile, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { hasDigest, isDigest } from '../digest.js';
import type { OciLogger } from '../logger.js';
import { parseJson } from '../registry/manifest.js';
import { type CacheFolder, openCacheFolder, writeWhole } from './cache-folder.js';
import { evict } from './evict.js';

/** What a reference meant when it was pulled last. */
export interface CacheEntry {
  /** The reference in full. */
  readonly reference: string;
  /** What the registry said that it means: an index, or the manifest itself. */
  readonly root: string;
  /** Of the image manifest. */
  readonly manifest: string;
  /** Who has shown that they may have it. */
  readonly grants: readonly string[];
}

const maxEntryBytes = 65_536;
/** Callers with different credentials that are remembered for one reference. */
const maxGrants = 64;

/**
 * Manifests and layers by digest, and what references meant, in a folder that several processes may use at once. Files are replaced whole, checked when they are read,
 * and removed by age of use; none is locked, as any may vanish at any time. A cache that cannot be used is a warning: pulls go on without it.
 */
export class DiskCache {
  readonly #cacheDir: string;
  readonly #maxBytes: number;
  readonly #logger: OciLogger;
  #folder: Promise<CacheFolder | undefined> | undefined;
  #evicting: Promise<void> = Promise.resolve();

  constructor(cacheDir: string, maxBytes: number, logger: OciLogger) {
    this.#cacheDir = cacheDir;
    this.#maxBytes = maxBytes;
    this.#logger = logger;
  }

  /** Random bytes of this cache; `undefined` when it cannot be used. */
  async salt(): Promise<Uint8Array | undefined> {
    return (await this.#open())?.salt;
  }

  /** What a reference meant; `undefined` when that is not known. */
  async entry(reference: string): Promise<CacheEntry | undefined> {
    const folder = await this.#open();
    if (folder === undefined) return undefined;
    const path = entryPath(folder, reference);
    const bytes = await this.#read(path, maxEntryBytes);
    if (bytes === undefined) return undefined;
    const entry = parseEntry(bytes);
    if (entry?.reference === reference) return entry;
    await this.#discard(path);
    return undefined;
  }

  /** Remembers what a reference means. */
  async remember(entry: CacheEntry): Promise<void> {
    const folder = await this.#open();
    if (folder === undefined) return;
    const bounded = { ...entry, grants: entry.grants.slice(-maxGrants) };
    await this.#write(folder, entryPath(folder, entry.reference), new TextEncoder().encode(JSON.stringify(bounded)));
  }

  /**
   * A blob; `undefined` when it is not there. One that has been damaged is removed.
   *
   * @param maxBytes More is damage.
   */
  async blob(digest: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const folder = await this.#open();
    if (folder === undefined) return undefined;
    const path = blobPath(folder, digest);
    const bytes = await this.#read(path, maxBytes);
    if (bytes === undefined || (await hasDigest(bytes, digest))) return bytes;
    await this.#discard(path);
    return undefined;
  }

  /** Keeps a blob. `false` when it is more than the whole cache may be. */
  async store(digest: string, bytes: Uint8Array): Promise<boolean> {
    const folder = await this.#open();
    if (folder === undefined) return false;
    if (bytes.length > this.#maxBytes) {
      this.#logger.log('warn', 'a component is larger than the whole cache and is not kept', {
        digest,
        size: bytes.length,
      });
      return false;
    }
    await this.#write(folder, blobPath(folder, digest), bytes);
    return true;
  }

  /** Removes what was used least recently until the rest fits. */
  trim(): Promise<void> {
    this.#evicting = this.#evicting.then(async () => {
      const folder = await this.#open();
      if (folder !== undefined)
        await evict(folder, this.#maxBytes).catch((error) => this.#warn('cannot be trimmed', error));
    });
    return this.#evicting;
  }

  #open(): Promise<CacheFolder | undefined> {
    this.#folder ??= openCacheFolder(this.#cacheDir).catch((error: unknown) => {
      this.#warn('cannot be used', error);
      // The next pull tries again: a volume may be mounted late.
      this.#folder = undefined;
      return undefined;
    });
    return this.#folder;
  }

  async #read(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    try {
      const { size } = await stat(path);
      if (size > maxBytes) {
        await this.#discard(path);
        return undefined;
      }
      const bytes = await readFile(path);
      const now = new Date();
      // The time of use: what is used least recently goes first. It may be gone by now, which is no matter.
      await utimes(path, now, now).catch(() => {});
      return bytes;
    } catch (error) {
      if (!isAbsent(error)) this.#warn('cannot be read', error);
      return undefined;
    }
  }

  async #write(folder: CacheFolder, path: string, bytes: Uint8Array): Promise<void> {
    await writeWhole(folder.staging, path, bytes).catch((error: unknown) => {
      // Somebody may have removed the folder; the next pull makes it anew.
      if (isAbsent(error)) this.#folder = undefined;
      this.#warn('cannot be written', error);
    });
  }

  async #discard(path: string): Promise<void> {
    this.#logger.log('warn', 'a damaged file was removed from the cache of components', { path });
    await unlink(path).catch(() => {});
  }

  #warn(problem: string, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.#logger.log('warn', `the cache of components ${problem}`, { cacheDir: this.#cacheDir, error: text });
  }
}

function blobPath(folder: CacheFolder, digest: string): string {
  return join(folder.blobs, digest.replace(':', '-'));
}

function entryPath(folder: CacheFolder, reference: string): string {
  return join(folder.references, createHash('sha256').update(reference).digest('hex'));
}

function parseEntry(bytes: Uint8Array): CacheEntry | undefined {
  const { reference, root, manifest, grants } = parseJson(bytes) ?? {};
  if (typeof reference !== 'string' || !isDigest(root) || !isDigest(manifest) || !Array.isArray(grants))
    return undefined;
  return { reference, root, manifest, grants: grants.filter((grant) => typeof grant === 'string') };
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
