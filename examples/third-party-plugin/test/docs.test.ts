import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createProject } from '@lodge-internal/test-project';
import { describe, expect, test } from 'vitest';
import { example, filesOfPage, readPage } from './pages.js';

/** Packing and installing is the work of other programs, on a machine that may be busy. */
const timeout = 180_000;

describe('writing-a-plugin.md', () => {
  test('has the files of this example', async () => {
    const files = await filesOfPage('writing-a-plugin.md');
    expect([...files.keys()]).toEqual([
      'wit/geo.wit',
      'src/plugin.ts',
      'spec/plugin.spec.ts',
      'src/traveller.js',
      'src/main.ts',
    ]);
    for (const [path, content] of files) expect(content).toBe(await readFile(join(example, path), 'utf8'));
  });

  test('builds the component with the command of this example', async () => {
    const manifest: { scripts: { build: string } } = JSON.parse(await readFile(join(example, 'package.json'), 'utf8'));
    const [, command = 'none'] = /jco (componentize .*)$/.exec(manifest.scripts.build) ?? [];
    expect(await readPage('writing-a-plugin.md')).toContain(`jco@1.35.0 ${command}\n`);
  });

  test('leads from nothing to a plugin that passes the suite, and a component that uses it', { timeout }, async () => {
    const packages = ['@lodge/core', '@lodge/engine', '@lodge/plugin-conformance'];
    await using project = await createProject(await filesOfPage('writing-a-plugin.md'), packages, example);
    const report = await project.node('--test', '--test-reporter=tap', 'spec/plugin.spec.ts');
    expect(report).toContain('# fail 0');
    expect(report).toMatch(/# pass 2\d/);
    await mkdir(join(project.folder, 'dist'));
    await copyFile(join(example, 'dist/traveller.wasm'), join(project.folder, 'dist/traveller.wasm'));
    expect(await project.node('src/main.ts', 'dist/traveller.wasm', 'Vienna', 'Lisbon')).toBe(
      'Vienna to Lisbon: 2299\n',
    );
    expect(await project.node('src/main.ts', 'dist/traveller.wasm', 'Vienna', 'Atlantis')).toBe(
      'nobody knows Atlantis\n',
    );
  });
});

describe('writing-a-backend.md', () => {
  test('has the files of this example', async () => {
    const files = await filesOfPage('writing-a-backend.md');
    expect([...files.keys()]).toEqual(['src/json-config.ts', 'spec/json-config.spec.ts', 'src/json-host.ts']);
    for (const [path, content] of files) expect(content).toBe(await readFile(join(example, path), 'utf8'));
  });

  test('leads from nothing to a backend that passes the suite, in a host', { timeout }, async () => {
    const packages = ['@lodge/core', '@lodge/engine', '@lodge/plugin-conformance', '@lodge/plugin-config'];
    await using project = await createProject(await filesOfPage('writing-a-backend.md'), packages, example);
    const report = await project.node('--test', '--test-reporter=tap', 'spec/json-config.spec.ts');
    expect(report).toContain('# fail 0');
    expect(report).toContain('# skipped 5');
    expect(await project.node('src/json-host.ts')).toMatch(/reads its configuration from JSON files\n$/);
  });
});
