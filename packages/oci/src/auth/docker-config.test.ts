import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DockerCredentials } from './docker-config.js';

let folder: string;
let file: string;
const signal = new AbortController().signal;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lodge-oci-'));
  file = join(folder, 'config.json');
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function secretFor(registry: string, config: unknown, repository = 'acme/hello'): Promise<unknown> {
  await writeFile(file, typeof config === 'string' ? config : JSON.stringify(config));
  return new DockerCredentials(file).secretFor(registry, repository, signal);
}

async function helper(name: string, script: string): Promise<void> {
  const path = join(folder, `docker-credential-${name}`);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

const ann = { auth: Buffer.from('ann:open:sesame').toString('base64') };
const bob = { username: 'bob', password: 'b' };

test.each([
  ['registry.example', { auths: { 'registry.example': ann } }, 'ann'],
  ['registry.example', { auths: { 'https://registry.example': ann } }, 'ann'],
  ['registry.example', { auths: { 'https://registry.example/v2/': ann } }, 'ann'],
  ['docker.io', { auths: { 'https://index.docker.io/v1/': ann } }, 'ann'],
  ['docker.io', { auths: { 'docker.io': ann } }, 'ann'],
  ['localhost:5000', { auths: { 'localhost:5000': ann } }, 'ann'],
  ['registry.example', { auths: { 'registry.example': ann, 'registry.example/acme': bob } }, 'bob'],
  ['registry.example', { auths: { 'registry.example': ann, 'registry.example/acme/hello': bob } }, 'bob'],
  ['registry.example', { auths: { 'registry.example': ann, 'registry.example/ac': bob } }, 'ann'],
  ['registry.example', { auths: { 'registry.example': {} } }, undefined],
  [
    'registry.example',
    { auths: { 'egistry.example': ann, 'registry.example.evil': bob, 'registry.example:443': ann } },
    undefined,
  ],
  ['registry.example', {}, undefined],
])('for %s, %j', async (registry, config, username) => {
  const secret = await secretFor(registry, config);
  if (username === undefined) expect(secret).toBeUndefined();
  else expect(secret).toMatchObject({ kind: 'password', username });
});

test('a password may have colons', async () => {
  expect(await secretFor('registry.example', { auths: { 'registry.example': ann } })).toMatchObject({
    password: 'open:sesame',
  });
});

test.each([
  ['text', 'hunter-two'],
  ['cut off', '{"auths": {"registry.example": {"password": "hunter-two"'],
  ['a list', ['hunter-two']],
  ['without an object of entries', { auths: 'hunter-two' }],
  ['with an entry that is no object', { auths: { 'registry.example': 'hunter-two' } }],
  ['with an auth that is none', { auths: { 'registry.example': { auth: 'aHVudGVyLXR3bw==' } } }],
  ['with a registrytoken', { auths: { 'registry.example': { registrytoken: 'hunter-two' } } }],
])('a file that is %s is an error that names the file and no secret', async (_, config) => {
  const failed = secretFor('registry.example', config);
  await expect(failed).rejects.toMatchObject({
    code: 'ERR_CREDENTIALS_UNREADABLE',
    message: expect.stringContaining(file),
  });
  const error: unknown = await failed.catch((reason: unknown) => reason);
  expect(inspect(error)).not.toContain('hunter');
});

test('a file that is named must be there, the usual one need not', async () => {
  const missing = new DockerCredentials(file).secretFor('registry.example', 'a', signal);
  await expect(missing).rejects.toMatchObject({ code: 'ERR_CREDENTIALS_UNREADABLE' });
  vi.stubEnv('DOCKER_CONFIG', folder);
  expect(await new DockerCredentials().secretFor('registry.example', 'a', signal)).toBeUndefined();
});

test('a helper for the registry goes before the general one, and both before the file', async () => {
  await helper('one', `echo '{"Username":"one","Secret":"x"}'`);
  await helper('all', `echo '{"Username":"all","Secret":"x"}'`);
  const config = {
    auths: { 'registry.example': ann, 'quay.io': ann },
    credHelpers: { 'registry.example': 'one' },
    credsStore: 'all',
  };
  expect(await secretFor('registry.example', config)).toMatchObject({ username: 'one' });
  expect(await secretFor('quay.io', config)).toMatchObject({ username: 'all' });
});

test('a helper that has nothing leaves it to the file', async () => {
  await helper('none', 'echo credentials not found in native keychain; exit 1');
  expect(await secretFor('registry.example', { auths: { 'registry.example': ann }, credsStore: 'none' })).toMatchObject(
    {
      username: 'ann',
    },
  );
});

test('a helper may give an identity token', async () => {
  await helper('token', `echo '{"Username":"<token>","Secret":"abc"}'`);
  expect(await secretFor('registry.example', { credsStore: 'token' })).toEqual({
    kind: 'identity-token',
    token: 'abc',
  });
});

test('a helper is asked for Docker Hub by the name that it has there', async () => {
  await helper('hub', `read server; echo "{\\"Username\\":\\"$server\\",\\"Secret\\":\\"x\\"}"`);
  expect(await secretFor('docker.io', { credsStore: 'hub' })).toMatchObject({
    username: 'https://index.docker.io/v1/',
  });
});

test.each([
  ['fails', 'echo hunter-two; exit 3'],
  ['answers with text', 'echo hunter-two'],
  ['answers with null', 'echo null'],
  ['leaves something out', `echo '{"Username":"hunter-two"}'`],
  ['never stops writing', 'yes hunter-two'],
])('a helper that %s is an error without what it wrote', async (_, script) => {
  await helper('bad', script);
  const failed = secretFor('registry.example', { credsStore: 'bad' });
  await expect(failed).rejects.toMatchObject({
    code: 'ERR_CREDENTIALS_UNREADABLE',
    message: expect.not.stringContaining('hunter'),
  });
});

test.each(['missing', '../../bin/sh', 'a;b', '-x', ''])('a helper named %j is not run', async (name) => {
  const config = { credHelpers: { 'registry.example': name } };
  if (name === '') expect(await secretFor('registry.example', config)).toBeUndefined();
  else
    await expect(secretFor('registry.example', config)).rejects.toMatchObject({ code: 'ERR_CREDENTIALS_UNREADABLE' });
});

test('a helper that waits for ever ends with the pull', async () => {
  const started = join(folder, 'started');
  await helper('slow', `echo $$ > ${started}.new; mv ${started}.new ${started}; exec sleep 1000`);
  await writeFile(file, JSON.stringify({ credsStore: 'slow' }));
  const controller = new AbortController();
  const reason = new Error('no time left');
  const asked = new DockerCredentials(file).secretFor('registry.example', 'a', controller.signal);
  const pid = await vi.waitFor(async () => Number(await readFile(started, 'utf8')), { timeout: 10_000 });
  controller.abort(reason);
  await expect(asked).rejects.toBe(reason);
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(/ESRCH/), { timeout: 10_000 });
});
