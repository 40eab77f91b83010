import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { CacheFolder } from './cache-folder.js';

/** What a file takes up at least. */
const blockBytes = 4096;
/** Milliseconds after which what somebody was writing counts as left behind. */
const abandonedMs = 60 * 60 * 1000;

/**
 * Removes files, the longest unused first, until the rest has at most `maxBytes`, and what a process that died was writing. Several processes may do so at
 * once: they remove the same files, as they see the same times.
 */
export async function evict({ blobs, references, staging }: CacheFolder, maxBytes: number): Promise<void> {
  for (const { path, usedMs } of await list(staging)) {
    if (Date.now() - usedMs > abandonedMs) await remove(path);
  }
  const files = [...(await list(blobs)), ...(await list(references))].sort((a, b) => a.usedMs - b.usedMs);
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, bytes } of files) {
    if (total <= maxBytes) return;
    await remove(path);
    total -= bytes;
  }
}

async function list(folder: string): Promise<{ path: string; bytes: number; usedMs: number }[]> {
  const paths = (await readdir(folder)).map((name) => join(folder, name));
  const files = await Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch(() => undefined);
      if (found === undefined) return [];
      return [{ path, bytes: Math.max(found.size, blockBytes), usedMs: found.mtimeMs }];
    }),
  );
  return files.flat();
}

async function remove(path: string): Promise<void> {
  // Another process may have been faster.
  await unlink(path).catch(() => {});
}
