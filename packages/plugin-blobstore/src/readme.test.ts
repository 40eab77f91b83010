import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { entryKeys } from './entry-config.js';
import { guestTexts } from './errors.js';
import { natsBlobstore } from './nats/backend.js';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

/** The first column, or the last one, of the table under a row of headings. */
function column(heading: string, index: number): string[] {
  const rows = readme.slice(readme.indexOf(heading)).split('\n\n', 1)[0]?.split('\n').slice(2) ?? [];
  return rows.map((row) => row.split('|').at(index)?.trim().replaceAll('`', '') ?? '');
}

test('the README has every key of an entry, and no other', () => {
  expect(column('| key ', 1).sort()).toEqual([...entryKeys, ...(natsBlobstore().configKeys ?? [])].sort());
});

test('the README has every text that a guest is told', () => {
  const stated = column('| cause ', -2).map((text) => text.replace(': at most <bytes> bytes', ''));
  expect(stated.sort()).toEqual(Object.values(guestTexts).sort());
});
