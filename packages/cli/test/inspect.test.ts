import { fixture, watComponent } from '@lodge-internal/fixtures';
import { describe, expect, test, vi } from 'vitest';
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
  expect(stdout).toMatch(/new state per call:\n {2}reset in place .*\nplan:/);
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

describe('inspect says how a component gets new state,', () => {
  const reset = ['reset in place of an instance that was used before'];
  const grown = expect.stringMatching(/^a new instance after a call in which its memory has grown/);
  const calledOut = expect.stringMatching(/^a new instance each time if a start function calls out of the component/);
  const plain = expect.stringMatching(/^a new instance, because its code changes tables/);

  const guest = (code: string): Promise<Uint8Array> =>
    watComponent(`(component
      (import "note" (func $note))
      (core func $note (canon lower (func $note)))
      (core module $m (import "" "note" (func $note)) (memory 1) (table 1 funcref) ${code})
      (core instance $i (instantiate $m (with "" (instance (export "note" (func $note))))))
      (func (export "go") (canon lift (core func $i "go"))))`);

  test.each([
    ['by reset', '(func (export "go"))', reset],
    [
      'which is a new instance after one has grown',
      '(func (export "go") (drop (memory.grow (i32.const 1))))',
      [...reset, grown],
    ],
    [
      'which is a new instance if it calls the host at its start',
      '(func (export "go")) (start $note)',
      [...reset, calledOut],
    ],
    ['by a new instance', '(func (export "go") (table.set (i32.const 0) (ref.null func)))', [plain]],
  ])('%s', async (_, code, lines) => {
    await using folder = await temporaryFolder({ 'guest.wasm': await guest(code) });
    const { stdout } = await runLodge(['inspect', 'guest.wasm'], { cwd: folder.path });
    const [, told = ''] = stdout.split('new state per call:\n');
    expect(
      told
        .trimEnd()
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual(lines);
  });

  test('for tools, too', async () => {
    const bytes = await guest('(func (export "go") (drop (memory.grow (i32.const 1)))) (start $note)');
    await using folder = await temporaryFolder({ 'guest.wasm': bytes });
    const { stdout } = await runLodge(['inspect', 'guest.wasm', '-o', 'json'], { cwd: folder.path });
    const { data } = JSON.parse(stdout);
    expect(data).toMatchObject({ newState: 'reset', resetExceptions: ['memory-grows', 'start-calls-out'] });
  });

  test('or that the engine cannot run it, and still shows its world', async () => {
    // Its one function adds numbers of two types.
    const bytes = await guest('(func (export "go") (drop (i32.add (i32.const 1) (i64.const 1))))');
    await using folder = await temporaryFolder({ 'guest.wasm': bytes });
    const { code, stdout } = await runLodge(['inspect', 'guest.wasm'], { cwd: folder.path });
    expect(code).toBe(0);
    expect(stdout).toMatch(/exports:\n {2}go \(a function\)$/m);
    expect(stdout).toMatch(/new state per call:\n {2}not known, since it cannot be run: .* does not validate/);
    const plan = await runLodge(['inspect', 'guest.wasm', '--plan'], { cwd: folder.path });
    expect(plan).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('ERR_COMPONENT_INVALID') });
  });
});

test('inspect of a project shows each of its components', async () => {
  await using folder = await temporaryFolder({
    'lodge.config.js': `export default {
      build: { componentPath: 'hello.wasm' },
      workload: { components: [{ name: 'other', componentPath: 'spin.wasm' }] },
    };`,
    'hello.wasm': await fixture('lean'),
    'spin.wasm': await fixture('cli-spin'),
  });
  const { stdout } = await runLodge(['inspect', folder.path]);
  expect(stdout.match(/^.*: a component of/gm)).toEqual([
    expect.stringContaining('hello.wasm'),
    expect.stringContaining('spin.wasm'),
  ]);
  expect(stdout.match(/^new state per call:$/gm)).toHaveLength(2);
  expect(stdout).toContain('Components that call each other get new state together');
  const json = await runLodge(['inspect', folder.path, '-o', 'json']);
  const { data } = JSON.parse(json.stdout);
  expect(data).toMatchObject({ path: expect.stringContaining('hello.wasm'), siblings: [{ newState: 'reset' }] });
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
