import { embedComponent, fixture } from '@lodge-internal/fixtures';
import { describe, expect, test, vi } from 'vitest';
import { commandComponent } from './support/command-component.js';
import { lodge, runLodge } from './support/lodge.js';
import { temporaryFolder } from './support/temporary-folder.js';

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

test('a command has arguments, environment, standard streams and its own exit code', async () => {
  await using folder = await temporaryFolder({ 'tool.wasm': await commandComponent() });
  const { code, stdout, stderr } = await runLodge(
    ['run', 'tool.wasm', '--env', 'A=1', '--env', 'B=x=y', '--', '--flag', 'two words'],
    { cwd: folder.path, input: 'from the shell\n' },
  );
  expect(stdout).toBe('[tool.wasm]\n[--flag]\n[two words]\nA=1\nB=x=y\nfrom the shell\n');
  expect(stderr).toBe('reading\n');
  expect(code).toBe(3);
});

test('a command sees nothing of the environment of lodge', async () => {
  await using folder = await temporaryFolder({ 'tool.wasm': await commandComponent() });
  const { stdout } = await runLodge(['run', 'tool.wasm'], { cwd: folder.path, env: { SECRET: 'x' } });
  expect(stdout).toBe('[tool.wasm]\n');
});

test('a large input comes through whole', async () => {
  await using folder = await temporaryFolder({ 'tool.wasm': await commandComponent() });
  const input = 'x'.repeat(1_000_000);
  const { stdout } = await runLodge(['run', 'tool.wasm'], { cwd: folder.path, input });
  expect(stdout.length).toBe('[tool.wasm]\n'.length + input.length);
});

test('a command that returns ends lodge with 0', async () => {
  await using folder = await temporaryFolder({ 'hello.wasm': await fixture('cli-hello') });
  const { code, stdout } = await runLodge(['run', 'hello.wasm'], { cwd: folder.path });
  expect(stdout).toBe('hello from a command\n');
  expect(code).toBe(0);
});

test('a command that exits with an error ends lodge with 1, and lodge adds nothing', async () => {
  await using folder = await temporaryFolder({ 'exit.wasm': await fixture('cli-exit') });
  const { code, stdout, stderr } = await runLodge(['run', 'exit.wasm'], { cwd: folder.path });
  expect(code).toBe(1);
  expect(stdout + stderr).toBe('');
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends a command that waits, with exit code %i', async (signal, expected) => {
  await using folder = await temporaryFolder({ 'tool.wasm': await commandComponent() });
  await using process = lodge(['run', 'tool.wasm'], { cwd: folder.path, input: null });
  await process.saw(/^reading$/m);
  process.child.kill(signal);
  expect(await process.ended).toBe(expected);
});

describe('a command that traps', () => {
  test('ends lodge with 1 and names the function and where in the guest it was', async () => {
    await using folder = await temporaryFolder({ 'trap.wasm': await trappingCommand() });
    const { code, stdout, stderr } = await runLodge(['run', 'trap.wasm'], { cwd: folder.path });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('ERR_GUEST_TRAPPED');
    expect(stderr).toContain('wasi:cli/run');
    expect(stderr).toMatch(/^ {2}at .*wasm-function\[\d+\]/m);
  });

  test.each([
    ['--verbose', ['--verbose'], {}],
    ['LODGE_DEBUG', [], { LODGE_DEBUG: '1' }],
  ])('has a stack with %s', async (_, args, env) => {
    await using folder = await temporaryFolder({ 'trap.wasm': await trappingCommand() });
    const { stderr } = await runLodge(['run', 'trap.wasm', ...args], { cwd: folder.path, env });
    expect(stderr).toMatch(/^ {4}at /m);
  });
});

describe('what cannot be run is an error in one line with exit code 1:', () => {
  test.each([
    { name: 'a missing file', args: ['missing.wasm'], says: 'missing.wasm does not exist' },
    { name: 'a folder', args: ['.'], says: 'is a folder' },
    { name: 'an empty file', args: ['empty.wasm'], says: 'ERR_COMPONENT_INVALID' },
    { name: 'text', args: ['text.wasm'], says: 'ERR_COMPONENT_INVALID' },
    { name: 'a core module', args: ['module.wasm'], says: 'ERR_COMPONENT_INVALID' },
    { name: 'a truncated component', args: ['truncated.wasm'], says: 'ERR_COMPONENT_INVALID' },
    {
      name: 'a component that exports neither',
      args: ['sleeper.wasm'],
      says: 'exports neither wasi:http/incoming-handler nor wasi:cli/run',
    },
  ])('$name', async ({ args, says }) => {
    await using folder = await temporaryFolder({
      'empty.wasm': '',
      'text.wasm': '(component)',
      'module.wasm': new Uint8Array([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]),
      'truncated.wasm': (await commandComponent()).subarray(0, 500),
      'sleeper.wasm': await fixture('sleeper'),
    });
    const { code, stdout, stderr } = await runLodge(['run', ...args], { cwd: folder.path });
    expect(stderr).toContain(says);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  test('a component with an import that nothing serves', async () => {
    const wit =
      'package a:b; interface gadget { go: func(); } world w { import gadget; export wasi:cli/run@0.2.3; } package wasi:cli@0.2.3 { interface run { run: func() -> result; } }';
    const module = `(module (import "a:b/gadget" "go" (func $go)) (func (export "wasi:cli/run@0.2.3#run") (result i32) call $go i32.const 0))`;
    await using folder = await temporaryFolder({ 'gadget.wasm': await embedComponent(module, wit, 'w') });
    const { code, stderr } = await runLodge(['run', 'gadget.wasm'], { cwd: folder.path });
    expect(code).toBe(1);
    expect(stderr).toContain('a:b/gadget');
    expect(stderr).toContain('ERR_IMPORT_UNMET');
  });

  test('a command with --http is told what that is for', async () => {
    await using folder = await temporaryFolder({ 'tool.wasm': await commandComponent() });
    const { code, stderr } = await runLodge(['run', 'tool.wasm', '--http', '0'], { cwd: folder.path });
    expect(code).toBe(2);
    expect(stderr).toContain('--http and --pool are for HTTP components');
  });
});

function trappingCommand(): Promise<Uint8Array> {
  const wit =
    'package a:b; world w { export wasi:cli/run@0.2.3; } package wasi:cli@0.2.3 { interface run { run: func() -> result; } }';
  return embedComponent(
    '(module (func $deep unreachable) (func (export "wasi:cli/run@0.2.3#run") (result i32) call $deep i32.const 0))',
    wit,
    'w',
  );
}
