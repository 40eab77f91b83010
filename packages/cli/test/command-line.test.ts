import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { runLodge } from './support/lodge.js';

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const names = [
  'run',
  'dev',
  'build',
  'inspect',
  'host',
  'hosts',
  'workload start',
  'workload status',
  'workload stop',
  'push',
  'pull',
];

test('--help lists every command and ends with 0', async () => {
  const { code, stdout } = await runLodge(['--help']);
  expect(code).toBe(0);
  for (const name of names) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
});

test.each(names)('%s --help tells its usage, options and examples', async (name) => {
  const { code, stdout } = await runLodge([...name.split(' '), '--help']);
  expect(code).toBe(0);
  expect(stdout).toContain(`usage: lodge ${name}`);
  expect(stdout).toContain('--output <text|json>');
  expect(stdout).toContain(`  lodge ${name}`);
});

test('--version prints the version of the package', async () => {
  const { code, stdout } = await runLodge(['--version']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  { args: [], says: 'name a command' },
  { args: ['rnu'], says: 'there is no command "rnu" (did you mean "run"?)' },
  { args: ['build', '--frce'], says: 'there is no option --frce (did you mean "--force"?)' },
  { args: ['run'], says: 'usage: lodge run <component.wasm>' },
  { args: ['run', 'a.wasm', 'b'], says: '"b" is one word too many (arguments of the component come after --)' },
  { args: ['build', '.', '--', 'x'], says: 'lodge build takes nothing after --' },
  { args: ['run', 'a.wasm', '--http'], says: '--http needs a value: --http <address>' },
  { args: ['run', 'a.wasm', '--http', '--pool'], says: '--http needs a value' },
  { args: ['run', 'a.wasm', '--http', 'here'], says: '--http is host:port' },
  { args: ['run', 'a.wasm', '--http', '1', '--http', '2'], says: '--http can be given once only' },
  { args: ['run', 'a.wasm', '--env', 'NAME'], says: '--env needs a name and a value' },
  { args: ['run', 'a.wasm', '--pool', 'many'], says: '--pool is a whole number' },
  {
    args: ['run', 'a.wasm', '--interruption'],
    says: '--interruption needs a value: --interruption <auto|always|never>',
  },
  { args: ['run', 'a.wasm', '--interruption', 'on'], says: '--interruption is auto, always, never, not "on"' },
  { args: ['run', 'a.wasm', '--nats', 'http://me:secret@host'], says: '--nats is nats://host:port' },
  { args: ['build', '--force=yes'], says: '--force takes no value' },
  { args: ['build', '-o', 'xml'], says: '--output is text or json' },
])('lodge $args is a usage error in one line', async ({ args, says }) => {
  const { code, stdout, stderr } = await runLodge(args);
  expect(stderr).toContain(says);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).not.toContain('secret');
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test('a usage error with -o json is one line of JSON on standard output', async () => {
  const { code, stdout, stderr } = await runLodge(['-o', 'json', 'rnu']);
  expect(code).toBe(2);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({ success: false, message: expect.stringContaining('rnu') });
});

test('-o json may stand before the command', async () => {
  const { code, stdout } = await runLodge(['-o', 'json', 'build', '/no/such/folder']);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ success: false, error: { code: 'ERR_FILE_UNREADABLE' } });
});

test('a Node.js without promise integration gets one sentence', () => {
  const bin = fileURLToPath(new URL('../bin/lodge.js', import.meta.url));
  const older = 'data:text/javascript,delete WebAssembly.Suspending';
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', older, bin, '--help'], {
    encoding: 'utf8',
  });
  expect(stderr).toMatch(/^lodge: Node\.js .* use Node\.js 24\.21 or newer\.\n$/);
  expect(stdout).toBe('');
  expect(status).toBe(1);
});
