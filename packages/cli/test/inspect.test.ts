import { fixture } from '@lodge-internal/fixtures';
import { expect, test, vi } from 'vitest';
import { runLodge } from './support/lodge.js';
import { temporaryFolder } from './support/temporary-folder.js';

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

test('inspect shows imports with their packages, and exports', async () => {
  await using folder = await temporaryFolder({ 'hello.wasm': await fixture('lean') });
  const { code, stdout } = await runLodge(['inspect', 'hello.wasm'], { cwd: folder.path });
  expect(code).toBe(0);
  expect(stdout).toMatch(/wasi:io\/streams@0\.2\.3 +@lodge\/wasi$/m);
  expect(stdout).toMatch(/wasi:http\/types@0\.2\.3 +@lodge\/plugin-http$/m);
  expect(stdout).toMatch(/exports:\n {2}wasi:http\/incoming-handler@0\.2\.3$/m);
});

test('inspect -o json gives functions, resources and sizes', async () => {
  const bytes = await fixture('lean');
  await using folder = await temporaryFolder({ 'hello.wasm': bytes });
  const { stdout } = await runLodge(['inspect', 'hello.wasm', '-o', 'json'], { cwd: folder.path });
  expect(JSON.parse(stdout)).toMatchObject({
    success: true,
    data: {
      bytes: bytes.byteLength,
      exports: [{ name: 'wasi:http/incoming-handler@0.2.3', functions: ['handle'] }],
      imports: expect.arrayContaining([
        expect.objectContaining({
          name: 'wasi:io/streams@0.2.3',
          servedBy: '@lodge/wasi',
          resources: expect.arrayContaining(['output-stream']),
        }),
      ]),
    },
  });
});

test('inspect --plan shows how the engine runs it: instances, memories, limits, and what may suspend', async () => {
  await using folder = await temporaryFolder({ 'hello.wasm': await fixture('lean') });
  const { stdout } = await runLodge(['inspect', 'hello.wasm', '--plan'], { cwd: folder.path });
  expect(stdout).toMatch(/core instances: 1, 2 more left out/);
  expect(stdout).toMatch(/a memory of 64\.0 KiB, at most 4\.0 GiB/);
  expect(stdout).toMatch(/new state per call: by reset/);
  expect(stdout).toMatch(
    /imports that may suspend:\n {4}wasi:io\/streams@0\.2\.3#\[method\]output-stream\.blocking-write/,
  );
  expect(stdout).toMatch(/exports that may suspend:\n {4}wasi:http\/incoming-handler@0\.2\.3#handle/);
});

test('inspect of an import that nothing serves says so', async () => {
  await using folder = await temporaryFolder({ 'echo.wasm': await fixture('chain-front') });
  const { stdout } = await runLodge(['inspect', 'echo.wasm'], { cwd: folder.path });
  expect(stdout).toContain('nothing serves this yet');
});

test('inspect of a project folder looks at its component', async () => {
  await using folder = await temporaryFolder({
    'lodge.config.js': `export default { build: { componentPath: 'hello.wasm' } };`,
    'hello.wasm': await fixture('lean'),
  });
  const { code, stdout } = await runLodge(['inspect', folder.path]);
  expect(code).toBe(0);
  expect(stdout).toContain('hello.wasm: a component of');
});

test.each([
  ['a missing file', 'missing.wasm', 'does not exist'],
  ['text', 'text.wasm', 'ERR_COMPONENT_INVALID'],
])('inspect of %s is an error in one line with exit code 1', async (_, name, says) => {
  await using folder = await temporaryFolder({ 'text.wasm': 'hello' });
  const { code, stderr } = await runLodge(['inspect', name], { cwd: folder.path });
  expect(code).toBe(1);
  expect(stderr).toContain(says);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});
