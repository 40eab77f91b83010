import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder that is gone when it goes out of scope. */
export interface TemporaryFolder {
  readonly path: string;
  /** Writes a file, with the folders above it, and answers with its path. */
  write(name: string, content: string | Uint8Array): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes a folder with `files` in it. */
export async function temporaryFolder(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<TemporaryFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'lodge-cli-')));
  const write = async (name: string, content: string | Uint8Array) => {
    const target = join(path, name);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
    return target;
  };
  for (const [name, content] of Object.entries(files)) await write(name, content);
  return { path, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
