import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const page = new URL('../../../docs/faults.md', import.meta.url);

test('each row of docs/faults.md names a test that there is', async () => {
  const [, ...sections] = (await readFile(page, 'utf8')).split(/^## /m);
  expect(sections.length).toBeGreaterThanOrEqual(6);
  for (const section of sections) {
    const files = [...section.matchAll(/\]\((\.\.\/[^)]+\.test\.ts)\)/g)].map(([, path = '']) => new URL(path, page));
    const sources = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    const rows = section
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(2);
    expect(rows.length).toBeGreaterThan(3);
    for (const row of rows) {
      const name = row.split('|').at(-2)?.trim() ?? '';
      expect(
        sources.some((source) => source.includes(`test('${name}'`)),
        name,
      ).toBe(true);
    }
  }
});
