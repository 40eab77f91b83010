import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { runLodge } from './support/lodge.js';
import { temporaryFolder } from './support/temporary-folder.js';

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

/** A build that copies its source, and counts how often it ran. */
const build =
  "require('fs').appendFileSync('runs', 'x'); require('fs').copyFileSync('src/source', 'out/component.wasm')";

function config(more = ''): string {
  return `export default { build: { command: 'node build.cjs', componentPath: 'out/component.wasm', sources: ['src'] ${more} } };`;
}

describe('a build with sources', () => {
  test('makes the component, and tells where it is', async () => {
    await using folder = await temporaryFolder({
      'lodge.config.js': config(),
      'build.cjs': build,
      'src/source': 'one',
    });
    const { code, stdout } = await runLodge(['build', folder.path, '-o', 'json']);
    const componentPath = join(folder.path, 'out/component.wasm');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      success: true,
      data: { componentPath, projectPath: folder.path, isBuilt: true },
    });
    expect(await readFile(componentPath, 'utf8')).toBe('one');
  });

  test('does not run again while nothing has changed', async () => {
    await using folder = await temporaryFolder({
      'lodge.config.js': config(),
      'build.cjs': build,
      'src/source': 'one',
    });
    await runLodge(['build', folder.path]);
    const { code, stdout } = await runLodge(['build'], { cwd: folder.path });
    expect(code).toBe(0);
    expect(stdout).toContain('is up to date');
    expect(await readFile(join(folder.path, 'runs'), 'utf8')).toBe('x');
  });

  test.each([
    [
      'a source changes',
      (path: string) => import('node:fs/promises').then((fs) => fs.writeFile(join(path, 'src/source'), 'two')),
    ],
    [
      'a source appears',
      (path: string) => import('node:fs/promises').then((fs) => fs.writeFile(join(path, 'src/more'), '')),
    ],
    [
      'the component is damaged',
      (path: string) => import('node:fs/promises').then((fs) => fs.writeFile(join(path, 'out/component.wasm'), 'o')),
    ],
    ['the component is gone', (path: string) => rm(join(path, 'out/component.wasm'))],
    [
      'the config file changes',
      (path: string) => import('node:fs/promises').then((fs) => fs.appendFile(join(path, 'lodge.config.js'), '//')),
    ],
  ])('runs again when %s', async (_, change) => {
    await using folder = await temporaryFolder({
      'lodge.config.js': config(),
      'build.cjs': build,
      'src/source': 'one',
    });
    await runLodge(['build', folder.path]);
    await change(folder.path);
    await runLodge(['build', folder.path]);
    expect(await readFile(join(folder.path, 'runs'), 'utf8')).toBe('xx');
  });

  test('runs again with --force', async () => {
    await using folder = await temporaryFolder({
      'lodge.config.js': config(),
      'build.cjs': build,
      'src/source': 'one',
    });
    await runLodge(['build', folder.path]);
    await runLodge(['build', folder.path, '--force']);
    expect(await readFile(join(folder.path, 'runs'), 'utf8')).toBe('xx');
  });
});

describe('a build of two components', () => {
  const two = `export default {
    build: { command: 'node build.cjs', componentPath: 'out/a.wasm', sources: ['src'] },
    workload: { components: [{ name: 'b', componentPath: 'more/b.wasm' }] },
  };`;

  test('runs again when the second one is gone', async () => {
    await using folder = await temporaryFolder({
      'lodge.config.js': two,
      'build.cjs':
        "require('fs').appendFileSync('runs', 'x'); for (const name of ['out/a', 'more/b']) require('fs').copyFileSync('src/source', name + '.wasm')",
      'src/source': 'one',
    });
    await runLodge(['build', folder.path]);
    await runLodge(['build', folder.path]);
    expect(await readFile(join(folder.path, 'runs'), 'utf8')).toBe('x');
    await rm(join(folder.path, 'more/b.wasm'));
    await runLodge(['build', folder.path]);
    expect(await readFile(join(folder.path, 'runs'), 'utf8')).toBe('xx');
  });

  test('names the one that the command did not make', async () => {
    await using folder = await temporaryFolder({
      'lodge.config.js': two,
      'build.cjs': "require('fs').copyFileSync('src/source', 'out/a.wasm')",
      'src/source': 'one',
    });
    const { code, stderr } = await runLodge(['build', folder.path]);
    expect(stderr).toContain(`there is no component at ${join(folder.path, 'more/b.wasm')}`);
    expect(code).toBe(1);
  });
});

test('a failing build shows what the command printed, names it, and ends with 1', async () => {
  await using folder = await temporaryFolder({
    'lodge.config.js': `export default { build: { command: 'echo went wrong; exit 3', componentPath: 'x.wasm' } };`,
  });
  const { code, stdout, stderr } = await runLodge(['build', folder.path]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^went wrong$/m);
  expect(stderr).toContain('the build command failed with exit code 3: echo went wrong; exit 3');
  expect(stdout).toBe('');
});

test('a build that leaves no component is an error that says where it was expected', async () => {
  await using folder = await temporaryFolder({
    'lodge.config.js': `export default { build: { command: 'exit 0', componentPath: 'out/x.wasm' } };`,
  });
  const { code, stderr } = await runLodge(['build', folder.path]);
  expect(code).toBe(1);
  expect(stderr).toContain(`there is no component at ${join(folder.path, 'out/x.wasm')}`);
});

test('a .wash/config.yaml is built as it is', async () => {
  await using folder = await temporaryFolder({
    '.wash/config.yaml':
      'version: "2.7.0"\nbuild:\n  command: printf "$GREETING" > "$WASH_COMPONENT_PATH"\n  env: { GREETING: hi }\n  component_path: target/x.wasm\n',
  });
  const { code } = await runLodge(['build', folder.path]);
  expect(code).toBe(0);
  expect(await readFile(join(folder.path, 'target/x.wasm'), 'utf8')).toBe('hi');
});

test('a build command finds the programs of its project', async () => {
  await using folder = await temporaryFolder({
    'lodge.config.js': `export default { build: { command: 'sh node_modules/.bin/tool && tool', componentPath: 'x.wasm' } };`,
    'node_modules/.bin/tool': '#!/bin/sh\necho made > x.wasm\nchmod +x node_modules/.bin/tool\n',
  });
  const { code } = await runLodge(['build', folder.path]);
  expect(code).toBe(0);
});
