import { expect, test, vi } from 'vitest';
import { runLodge } from './support/lodge.js';
import { temporaryFolder } from './support/temporary-folder.js';

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

test.each([
  {
    name: 'an unknown key',
    config: { build: { componentPath: 'x', comand: 'y' } },
    says: 'build.comand is not a known key (did you mean "command"?)',
  },
  {
    name: 'an unknown section',
    config: { bild: {}, build: { componentPath: 'x' } },
    says: 'bild is not a known key (did you mean "build"?)',
  },
  { name: 'a missing key', config: { build: {} }, says: 'build.componentPath is wrong' },
  {
    name: 'a wrong type deep inside',
    config: { build: { componentPath: 'x', sources: ['a', 1] } },
    says: 'build.sources[1] is wrong',
  },
  {
    name: 'a wrong address',
    config: { build: { componentPath: 'x' }, dev: { http: 'here' } },
    says: 'dev.http is wrong: write host:port',
  },
  {
    name: 'interruption that there is not',
    config: { build: { componentPath: 'x' }, dev: { interruption: 'sometimes' } },
    says: 'dev.interruption is wrong: write auto, always, never',
  },
  {
    name: 'a negative pool',
    config: { build: { componentPath: 'x' }, workload: { poolSize: -1 } },
    says: 'workload.poolSize is wrong',
  },
  {
    name: 'an unknown key of a host interface',
    config: workload({ hostInterfaces: [{ namespace: 'wasi', package: 'keyvalue', confg: {} }] }),
    says: 'workload.hostInterfaces[0].confg is not a known key (did you mean "config"?)',
  },
  {
    name: 'a value of a host interface that is no text',
    config: workload({ hostInterfaces: [{ namespace: 'wasi', package: 'keyvalue', config: { shared: true } }] }),
    says: 'workload.hostInterfaces[0].config.shared is wrong',
  },
  {
    name: 'a package that nobody serves',
    config: workload({ hostInterfaces: [{ namespace: 'wasi', package: 'keyvalu' }] }),
    says: 'workload.hostInterfaces[0].package is wrong: lodge has nothing for wasi:keyvalu (did you mean "wasi:keyvalue"?)',
  },
  {
    name: 'two components of one name',
    config: workload({ components: ['a', 'a'].map((name) => ({ name, componentPath: 'a.wasm' })) }),
    says: 'workload.components is wrong: each component needs a name of its own',
  },
  {
    name: 'a workload without a name in its name',
    config: workload({ name: '' }),
    says: 'workload.name is wrong',
  },
  {
    name: 'a namespace that is no text',
    config: workload({ namespace: 7 }),
    says: 'workload.namespace is wrong',
  },
  {
    name: 'a NATS server that is none',
    config: { build: { componentPath: 'x' }, nats: { url: 'http://me:secret@host' } },
    says: 'nats.url is wrong: write nats://host:port',
  },
  { name: 'no object at all', config: 7, says: 'the file is wrong' },
])('$name in lodge.config.js is an error with its path', async ({ config, says }) => {
  await using folder = await temporaryFolder({ 'lodge.config.js': `export default ${JSON.stringify(config)};` });
  const { code, stderr } = await runLodge(['build', folder.path]);
  expect(stderr).toContain(says);
  expect(stderr).toContain('lodge.config.js');
  expect(stderr).not.toContain('secret');
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(code).toBe(1);
});

test.each([
  {
    name: 'an unknown key',
    yaml: 'build: { command: x, component_pth: y }',
    says: 'build.component_pth is not a known key (did you mean "component_path"?)',
  },
  {
    name: 'an unknown section',
    yaml: 'buidl: {}\nbuild: { command: x }',
    says: 'buidl is not a known key (did you mean "build"?)',
  },
  { name: 'no build command', yaml: 'version: "2"', says: 'build is wrong' },
  { name: 'a wrong address', yaml: 'build: { command: x }\ndev: { address: here }', says: 'dev.address is wrong' },
  {
    name: 'an unknown key of a host interface',
    yaml: 'build: { command: x }\ndev: { host_interfaces: [{ namespace: wasi, pakage: keyvalue }] }',
    says: 'dev.host_interfaces[0].pakage is not a known key (did you mean "package"?)',
  },
  {
    name: 'a NATS server that is none',
    yaml: 'build: { command: x }\ndev: { data_nats_url: http://host }',
    says: 'dev.data_nats_url is wrong: write nats://host:port',
  },
  { name: 'what is not YAML', yaml: 'build: [', says: 'is not YAML' },
  { name: 'a bomb of aliases', yaml: bomb(), says: 'is not YAML' },
])('$name in .wash/config.yaml is an error with its path', async ({ yaml, says }) => {
  await using folder = await temporaryFolder({ '.wash/config.yaml': yaml });
  const { code, stderr } = await runLodge(['build', folder.path]);
  expect(stderr).toContain(says);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(code).toBe(1);
});

test('a lodge.config.ts is TypeScript, with its types stripped', async () => {
  await using folder = await temporaryFolder({
    'package.json': '{ "type": "module" }',
    'lodge.config.ts': `const path: string = 'x.wasm';\nexport default { build: { command: 'echo made > x.wasm', componentPath: path } };`,
  });
  const { code } = await runLodge(['build', folder.path]);
  expect(code).toBe(0);
});

test('a config file that throws is an error that names it', async () => {
  await using folder = await temporaryFolder({ 'lodge.config.js': `throw new Error('no luck');` });
  const { code, stderr } = await runLodge(['build', folder.path]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/lodge\.config\.js could not be loaded: no luck/);
});

test('a config file without default export is told what to write', async () => {
  await using folder = await temporaryFolder({ 'lodge.config.js': 'export const config = {};' });
  const { stderr } = await runLodge(['build', folder.path]);
  expect(stderr).toContain('export default defineConfig');
});

test('a folder without any config file is not a project', async () => {
  await using folder = await temporaryFolder();
  const { code, stderr } = await runLodge(['build', folder.path]);
  expect(code).toBe(1);
  expect(stderr).toContain('it has neither lodge.config.ts nor .wash/config.yaml');
});

function workload(more: object): object {
  return { build: { componentPath: 'x' }, workload: more };
}

function bomb(): string {
  const levels = Array.from(
    { length: 12 },
    (_, index) => `l${index + 1}: &a${index + 1} [${`*a${index}, `.repeat(9)}]`,
  );
  return `l0: &a0 [x]\n${levels.join('\n')}\nbuild: { command: x }`;
}
