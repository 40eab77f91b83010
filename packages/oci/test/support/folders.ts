import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that goes with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lodge-oci-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A file of a cache. */
export interface CacheFile {
  readonly path: string;
  readonly size: number;
  readonly mode: number;
}

/** The files of a cache, but for its salt. */
export async function cacheFiles(cacheDir: string): Promise<CacheFile[]> {
  const entries = await readdir(cacheDir, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'salt');
  return Promise.all(
    files.map(async (file) => {
      const path = join(file.parentPath, file.name);
      const { size, mode } = await stat(path);
      return { path, size, mode: mode & 0o777 };
    }),
  );
}
