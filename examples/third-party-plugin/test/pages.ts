import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the example. */
export const example: string = fileURLToPath(new URL('..', import.meta.url));

/** The files that a page of `docs/` tells the reader to write. */
export async function filesOfPage(page: string): Promise<Map<string, string>> {
  const text = await readPage(page);
  const blocks = text.matchAll(/^\*\*`([^`]+)`\*\*\n\n```\w+\n([\s\S]*?)^```$/gm);
  return new Map([...blocks].map(([, path = '', content = '']) => [path, content]));
}

export function readPage(page: string): Promise<string> {
  return readFile(join(example, '../../docs', page), 'utf8');
}
