import { join } from 'node:path';
import { fixture } from '@lodge-internal/fixtures';
import { expect, test, vi } from 'vitest';
import { helloComponent } from './support/hello-component.js';
import { type LodgeProcess, lodge } from './support/lodge.js';
import { slowBody } from './support/slow-body.js';
import { temporaryFolder } from './support/temporary-folder.js';

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const build = `
const { copyFileSync, existsSync } = require('fs');
if (existsSync('src/broken')) { console.error('the source is broken'); process.exit(1); }
copyFileSync('src/hello.wasm', 'out.wasm');
`;

async function project(sources = true) {
  return temporaryFolder({
    'lodge.config.js': `export default {
      build: { command: 'node build.cjs', componentPath: 'out.wasm' ${sources ? ", sources: ['src', 'build.cjs']" : ''} },
      dev: { http: '127.0.0.1:0' },
    };`,
    'build.cjs': build,
    'src/hello.wasm': await helloComponent('first hello'),
  });
}

async function listening(process: LodgeProcess): Promise<string> {
  const [, url] = await process.saw(/listening on (http:\/\/127\.0\.0\.1:\d+)/);
  return url ?? '';
}

async function get(url: string): Promise<string> {
  return (await fetch(url)).text();
}

test.each([
  ['with sources', true],
  ['without', false],
])('a project %s is built and served, and again after a change', async (_, sources) => {
  await using folder = await project(sources);
  await using process = lodge(['dev', folder.path]);
  const url = await listening(process);
  expect(await get(url)).toBe('first hello');
  await folder.write('src/hello.wasm', await helloComponent('other hello'));
  await process.saw(/^reloaded$/m);
  expect(await get(url)).toBe('other hello');
  process.child.kill('SIGINT');
  expect(await process.ended).toBe(0);
});

test('a build that fails is shown, and the last good one goes on serving', async () => {
  await using folder = await project();
  await using process = lodge(['dev', folder.path]);
  const url = await listening(process);
  await folder.write('src/broken', '');
  await process.saw(/the last good build goes on serving/);
  expect(process.stderr()).toContain('the source is broken');
  expect(process.stderr()).toContain('the build command failed with exit code 1');
  expect(await get(url)).toBe('first hello');
});

test('a component that is broken is shown, and the last good one goes on serving', async () => {
  await using folder = await project();
  await using process = lodge(['dev', folder.path]);
  const url = await listening(process);
  await folder.write('src/hello.wasm', 'no component');
  await process.saw(/the last good build goes on serving/);
  expect(process.stderr()).toContain('ERR_COMPONENT_INVALID');
  expect(await get(url)).toBe('first hello');
});

test('a component that nobody calls is an error that names lodge run', async () => {
  await using folder = await project();
  await folder.write('src/hello.wasm', await fixture('cli-hello'));
  await using process = lodge(['dev', folder.path]);
  await process.saw(/exports nothing that is served, such as wasi:http\/incoming-handler; lodge run runs commands/);
});

test('a first build that fails waits for a change that mends it', async () => {
  await using folder = await project();
  await folder.write('src/hello.wasm', 'no component');
  await using process = lodge(['dev', folder.path]);
  await process.saw(/waiting for a change/);
  await folder.write('src/hello.wasm', await helloComponent('mended hey!'));
  expect(await get(await listening(process))).toBe('mended hey!');
});

test('while the component is replaced no request fails, and a running one ends with the old component', async () => {
  await using folder = await project();
  await folder.write('src/hello.wasm', await fixture('http-echo'));
  await using process = lodge(['dev', folder.path]);
  const url = await listening(process);
  const { body, more, end } = slowBody();
  const running = await fetch(url, { method: 'POST', body, duplex: 'half' });
  await folder.write('src/hello.wasm', await helloComponent('other hello'));
  const statuses = new Set<number>();
  let answer = '';
  while (answer !== 'other hello') {
    const response = await fetch(url);
    statuses.add(response.status);
    answer = await response.text();
  }
  expect([...statuses]).toEqual([200]);
  more('late');
  end();
  expect(await running.text()).toBe('early late');
});

test('a .wash/config.yaml is served as it is', async () => {
  await using folder = await temporaryFolder({
    '.wash/config.yaml':
      'build: { command: cp source.bin target/x.wasm, component_path: target/x.wasm }\ndev: { address: 127.0.0.1:0, volumes: [] }\n',
    'source.bin': await helloComponent('wash hello!'),
  });
  await using process = lodge(['dev'], { cwd: folder.path });
  expect(await get(await listening(process))).toBe('wash hello!');
  expect(process.stderr()).toContain(`${join(folder.path, '.wash/config.yaml')}: Lodge does not use dev.volumes yet`);
});

test('a change of the config file is answered with what to do', async () => {
  await using folder = await project();
  await using process = lodge(['dev', folder.path]);
  await listening(process);
  await folder.write('lodge.config.js', 'export default {};');
  await process.saw(/lodge\.config\.js has changed: start lodge dev again/);
});

test('a second signal during a build ends it at once, with all that the build has started', async () => {
  await using folder = await temporaryFolder({
    'lodge.config.js': `export default { build: { command: 'trap "" INT TERM; echo started; sleep 60; sleep 60', componentPath: 'x.wasm' } };`,
  });
  await using process = lodge(['build', folder.path]);
  await process.saw(/^started$/m);
  process.child.kill('SIGTERM');
  process.child.kill('SIGINT');
  // The build holds standard error open as long as anything of it lives.
  expect([130, 143]).toContain(await process.ended);
});
