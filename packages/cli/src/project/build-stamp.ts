import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

/** Where it is noted what a component was made from. */
export function stampPath(componentPath: string): string {
  return `${componentPath}.build.json`;
}

/** Whether the component is there, whole, and was made from sources with this digest. */
export async function isUpToDate(componentPath: string, sources: string): Promise<boolean> {
  try {
    const stamp: unknown = JSON.parse(await readFile(stampPath(componentPath), 'utf8'));
    if (typeof stamp !== 'object' || stamp === null) return false;
    if (Reflect.get(stamp, 'sources') !== sources) return false;
    return Reflect.get(stamp, 'component') === (await digestFile(componentPath));
  } catch {
    // No stamp, a damaged one, or no component: any of them means to build.
    return false;
  }
}

/** Notes what the component was made from. */
export async function writeStamp(componentPath: string, sources: string): Promise<void> {
  const stamp = { sources, component: await digestFile(componentPath) };
  await writeFile(stampPath(componentPath), `${JSON.stringify(stamp)}\n`);
}

async function digestFile(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
