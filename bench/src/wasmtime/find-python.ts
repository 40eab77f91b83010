import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A Python that has the `wasmtime` package with components, if there is one on the path. */
export async function findPython(): Promise<string | undefined> {
  for (const command of ['python3', 'python']) {
    try {
      await promisify(execFile)(command, ['-c', 'import wasmtime.component'], { timeout: 10_000 });
      return command;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}
