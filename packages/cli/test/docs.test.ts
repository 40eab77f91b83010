import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostErrorCodes } from '@lodge/core';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (name: string): Promise<string> => readFile(join(root, name), 'utf8');

/** What the first cell of each row of a page's tables quotes. */
function firstCells(page: string): string[] {
  return [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell]) => cell ?? '');
}

describe('docs/errors.md', () => {
  test('has one row for each code of HostError, and no other', async () => {
    expect(firstCells(await read('docs/errors.md')).sort()).toEqual([...hostErrorCodes].sort());
  });

  test('has each code under its kind', async () => {
    const { HostError } = await import('@lodge/core');
    const [, user = '', system = ''] = (await read('docs/errors.md')).split(/^## .*$/m);
    const isUserError = (code: (typeof hostErrorCodes)[number]) => new HostError(code, '').isUserError;
    expect(firstCells(user).sort()).toEqual(hostErrorCodes.filter(isUserError).sort());
    expect(firstCells(system).sort()).toEqual(hostErrorCodes.filter((code) => !isUserError(code)).sort());
  });
});

test('docs/dependencies.md has one row for each external dependency of a manifest, and no other', async () => {
  const names = new Set<string>();
  for await (const path of glob(['package.json', '{packages,internal,examples}/*/package.json', 'bench/package.json'], {
    cwd: root,
  })) {
    const manifest: Record<string, Record<string, string>> = JSON.parse(await read(path));
    for (const kind of ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']) {
      for (const name of Object.keys(manifest[kind] ?? {})) {
        if (!/^@lodge(-internal|-example)?\//.test(name)) names.add(name);
      }
    }
  }
  expect(firstCells(await read('docs/dependencies.md')).sort()).toEqual([...names].sort());
});

test('each variable that a test reads is in CONTRIBUTING.md, and reaches the test through turbo', async () => {
  const variables = new Set<string>();
  for await (const path of glob(['{packages,internal,examples}/*/{src,test}/**/*.test.ts'], { cwd: root })) {
    for (const [, name = ''] of (await read(path)).matchAll(/process\.env\['(LODGE_\w+)'\]/g)) variables.add(name);
  }
  const turbo: { tasks: { test: { env: string[] } } } = JSON.parse(await read('turbo.json'));
  expect(variables).toContain('LODGE_SEED');
  expect(turbo.tasks.test.env).toEqual(expect.arrayContaining([...variables]));
  expect(firstCells(await read('CONTRIBUTING.md'))).toEqual(expect.arrayContaining([...variables]));
});

test('the host in the README is the one of examples/custom-host', async () => {
  expect(await read('README.md')).toContain(`\`\`\`ts\n${await read('examples/custom-host/src/main.ts')}\`\`\``);
});

test('every link of the documents to a file of the repository leads somewhere', async () => {
  const broken: string[] = [];
  for await (const page of glob(['*.md', 'docs/**/*.md', '{packages,examples}/*/README.md'], { cwd: root })) {
    for (const [, target = ''] of (await read(page)).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      const found = await Array.fromAsync(glob(join(root, page, '..', target)));
      if (found.length === 0) broken.push(`${page}: ${target}`);
    }
  }
  expect(broken).toEqual([]);
});
