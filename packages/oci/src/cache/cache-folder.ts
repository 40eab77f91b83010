import { randomBytes, randomUUID } from 'node:crypto';
import { link, lstat, mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Of the layout, so that a later one can stand beside it. */
const layout = 'lodge-oci-1';
const saltBytes = 32;

/** The folders of a cache, which only this user can look into. */
export interface CacheFolder {
  /** Manifests and layers, each under its digest. */
  readonly blobs: string;
  /** What references meant when they were pulled. */
  readonly references: string;
  /** What is being written. */
  readonly staging: string;
  /** Random bytes of this cache. */
  readonly salt: Uint8Array;
}

/**
 * Makes the folders where they are missing. Our own folder inside of `cacheDir` has the permissions: a mounted volume is often open to all.
 *
 * @throws Error when it cannot be used, or is not this user's alone
 */
export async function openCacheFolder(cacheDir: string): Promise<CacheFolder> {
  const root = join(cacheDir, layout);
  const folder = { blobs: join(root, 'blobs'), references: join(root, 'references'), staging: join(root, 'staging') };
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  for (const path of [root, ...Object.values(folder)]) {
    await mkdir(path, { mode: 0o700 }).catch(unless('EEXIST'));
    const found = await lstat(path);
    const isOurs = found.isDirectory() && (process.getuid === undefined || found.uid === process.getuid());
    // Windows has other permissions, which these bits say nothing about.
    const isClosed = process.platform === 'win32' || (found.mode & 0o077) === 0;
    if (!isOurs || !isClosed) throw new Error(`${path} must be a folder that only this user can open (mode 0700)`);
  }
  return { ...folder, salt: await readSalt(root, folder.staging) };
}

/** Writes a file that is either whole or not there, whoever else writes it at the same time. */
export async function writeWhole(staging: string, path: string, bytes: Uint8Array): Promise<void> {
  const temporary = await stage(staging, bytes);
  try {
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
}

/** Lets an error with this code pass. */
export function unless(code: string): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof Error && 'code' in error && error.code === code)) throw error;
  };
}

async function stage(staging: string, bytes: Uint8Array): Promise<string> {
  const path = join(staging, randomUUID());
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
  } catch (error) {
    await unlink(path).catch(() => {});
    throw error;
  } finally {
    await file.close();
  }
  return path;
}

/** The salt of the first process that came, also for those that come at the same time. */
async function readSalt(root: string, staging: string): Promise<Uint8Array> {
  const path = join(root, 'salt');
  const existing = await readFile(path).catch(unless('ENOENT'));
  if (existing?.length === saltBytes) return existing;
  if (existing !== undefined) await unlink(path).catch(unless('ENOENT'));
  const temporary = await stage(staging, randomBytes(saltBytes));
  await link(temporary, path).catch(unless('EEXIST'));
  await unlink(temporary);
  return readFile(path);
}
