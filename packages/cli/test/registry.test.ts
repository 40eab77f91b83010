import { readdir, readFile } from 'node:fs/promises';
import { fixture } from '@lodge-internal/fixtures';
import { type Registry, registryUser, startRegistry } from '@lodge-internal/test-registry';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runLodge } from './support/lodge.js';
import { temporaryFolder } from './support/temporary-folder.js';
import { withMetadata } from './support/with-metadata.js';

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const digestForm = /^sha256:[0-9a-f]{64}$/;
let registry: Registry;

beforeAll(async () => {
  registry = await startRegistry();
});

afterAll(() => registry?.[Symbol.asyncDispose]());

/** What is read of a manifest, and of the config that it names. */
interface Document {
  readonly annotations: Readonly<Record<string, string>>;
  readonly config: { readonly digest: string };
  readonly component: { readonly imports: readonly string[]; readonly exports: readonly string[] };
}

function lines(text: string): string[] {
  return text.trimEnd().split('\n');
}

describe('push and pull', () => {
  test('what was pushed is pulled, bit by bit, with one digest', async () => {
    const component = await fixture('lean');
    await using folder = await temporaryFolder({ 'hello.wasm': component });
    const run = (...args: string[]) => runLodge(args, { cwd: folder.path });
    const image = `${registry.host}/hello:1.0.0`;
    const pushed = await run('push', image, 'hello.wasm', '--insecure');
    expect(pushed).toMatchObject({ code: 0, stderr: '' });
    expect(pushed.stdout).toMatch(/^pushed 127\.0\.0\.1:\d+\/hello:1\.0\.0 \(sha256:[0-9a-f]{64}\)\n$/);
    const [digest = ''] = /sha256:[0-9a-f]{64}/.exec(pushed.stdout) ?? [];
    const pulled = await run('pull', image, 'copy.wasm', '--insecure');
    expect(pulled).toMatchObject({
      code: 0,
      stdout: `pulled ${image} (${digest}) to ${folder.path}/copy.wasm\n`,
      stderr: '',
    });
    expect(new Uint8Array(await readFile(`${folder.path}/copy.wasm`))).toEqual(component);
    const byDigest = await run('pull', `${registry.host}/hello@${digest}`, '--insecure');
    expect(byDigest.code).toBe(0);
    expect((await readdir(folder.path)).sort()).toEqual(['component.wasm', 'copy.wasm', 'hello.wasm']);
  });

  test('with -o json, the results are those of wash', async () => {
    await using folder = await temporaryFolder({ 'hello.wasm': await fixture('lean') });
    const run = async (...args: string[]) => {
      const { stdout } = await runLodge([...args, '--insecure', '-o', 'json'], { cwd: folder.path });
      expect(lines(stdout)).toHaveLength(1);
      return JSON.parse(stdout);
    };
    const image = `${registry.host}/json:1`;
    expect(await run('push', image, 'hello.wasm')).toEqual({
      success: true,
      message: expect.stringContaining('pushed'),
      data: { success: true, message: expect.stringContaining('pushed'), digest: expect.stringMatching(digestForm) },
    });
    expect(await run('pull', image, 'copy.wasm')).toEqual({
      success: true,
      message: expect.stringContaining('pulled'),
      data: {
        success: true,
        message: expect.stringContaining('pulled'),
        output_path: `${folder.path}/copy.wasm`,
        bytes: (await fixture('lean')).byteLength,
        digest: expect.stringMatching(digestForm),
      },
    });
  });

  test('the image says of itself what the component does, when it was made, and its world', async () => {
    const described = withMetadata(await fixture('lean'), { name: 'hello', version: '1.2.3', licenses: 'Apache-2.0' });
    await using folder = await temporaryFolder({ 'hello.wasm': described });
    const before = Date.now();
    await runLodge(['push', `${registry.host}/described:1`, 'hello.wasm', '--insecure'], { cwd: folder.path });
    const accept = 'application/vnd.oci.image.manifest.v1+json, */*';
    const get = async (path: string): Promise<Document> =>
      (await (await fetch(`${registry.url}/v2/described/${path}`, { headers: { accept } })).json()) as Document;
    const { annotations, config } = await get('manifests/1');
    const { 'org.opencontainers.image.created': created = '', ...others } = annotations;
    expect(others).toEqual({
      'org.opencontainers.image.title': 'hello',
      'org.opencontainers.image.version': '1.2.3',
      'org.opencontainers.image.licenses': 'Apache-2.0',
    });
    expect(Date.parse(created)).toBeGreaterThanOrEqual(before);
    const { component } = await get(`blobs/${config.digest}`);
    expect(component.exports).toEqual([expect.stringMatching(/^wasi:http\/incoming-handler@0\.2\./)]);
    expect(component.imports).toContainEqual(expect.stringMatching(/^wasi:http\/types@0\.2\./));
  });

  test('a pull that fails leaves the file as it was', async () => {
    await using folder = await temporaryFolder({ 'component.wasm': 'the old one' });
    const { code } = await runLodge(['pull', `${registry.host}/nope:1`, '--insecure'], { cwd: folder.path });
    expect(code).toBe(1);
    expect(await readdir(folder.path)).toEqual(['component.wasm']);
    expect(await readFile(`${folder.path}/component.wasm`, 'utf8')).toBe('the old one');
    const image = `${registry.host}/kept:1`;
    await folder.write('kept.wasm', await fixture('lean'));
    await runLodge(['push', image, 'kept.wasm', '--insecure'], { cwd: folder.path });
    await folder.write('folder/file', '');
    const blocked = await runLodge(['pull', image, 'folder', '--insecure'], { cwd: folder.path });
    expect(blocked.stderr).toMatch(/folder cannot be written \(E[A-Z]+\): choose another file/);
    expect((await readdir(folder.path)).sort()).toEqual(['component.wasm', 'folder', 'kept.wasm']);
  });

  test('a registry with TLS is trusted by the file of its authority, named or in a variable', async () => {
    const { registryCertificate } = await import('@lodge-internal/test-registry');
    await using secure = await startRegistry({ tls: true });
    await using folder = await temporaryFolder({
      'hello.wasm': await fixture('lean'),
      'ca.pem': registryCertificate.cert,
    });
    const image = `${secure.host}/hello:1`;
    const untrusted = await runLodge(['push', image, 'hello.wasm', '--timeout', '5s'], { cwd: folder.path });
    expect(untrusted.code).toBe(1);
    const named = await runLodge(['push', image, 'hello.wasm', '--ca-path', 'ca.pem'], { cwd: folder.path });
    expect(named).toMatchObject({ code: 0, stderr: '' });
    const env = { WASH_OCI_CA_PATHS: 'ca.pem' };
    const variable = await runLodge(['pull', image], { cwd: folder.path, env });
    expect(variable).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('a registry that wants a login', () => {
  const { username, password } = registryUser;
  let closed: Registry;
  beforeAll(async () => {
    closed = await startRegistry({ auth: 'basic' });
  });
  afterAll(() => closed?.[Symbol.asyncDispose]());

  test.each<[string, readonly string[], Readonly<Record<string, string>>]>([
    ['options', ['-u', username, '-p', password], {}],
    ['a file', ['--user', username, '--password-file', 'password'], {}],
    ['variables', [], { LODGE_REGISTRY_USER: username, LODGE_REGISTRY_PASSWORD: password }],
  ])('takes it from %s, and nothing writes it', async (_, args, env) => {
    await using folder = await temporaryFolder({ 'hello.wasm': await fixture('lean'), password: `${password}\n` });
    const image = `${closed.host}/hello:1`;
    const result = await runLodge(['push', image, 'hello.wasm', '--insecure', '--verbose', ...args], {
      cwd: folder.path,
      env,
    });
    expect(result.code).toBe(0);
    expect(result.stdout + result.stderr).not.toContain(password);
  });

  test.each<[string, readonly string[], string]>([
    ['no login', [], 'ERR_CREDENTIALS_MISSING'],
    ['a wrong one', ['-u', username, '-p', 's3cret'], 'ERR_CREDENTIALS_REFUSED'],
  ])('answers %s with one line and exit code 1', async (_, args, code) => {
    await using folder = await temporaryFolder({ 'hello.wasm': await fixture('lean') });
    const env = { DOCKER_CONFIG: folder.path };
    const image = `${closed.host}/hello:1`;
    const result = await runLodge(['push', image, 'hello.wasm', '--insecure', ...args], { cwd: folder.path, env });
    expect(result.stderr).toContain(code);
    expect(result.stderr).not.toContain('s3cret');
    expect(lines(result.stderr)).toHaveLength(1);
    expect(result.code).toBe(1);
  });
});

describe('what cannot be pushed or pulled', () => {
  test.each<[string, readonly string[], string, number]>([
    ['a file that is not there', ['push', 'HOST/a:1', 'missing.wasm'], 'missing.wasm does not exist', 1],
    ['a file that is no component', ['push', 'HOST/a:1', 'text.wasm'], 'ERR_COMPONENT_INVALID', 1],
    ['a reference that is none', ['pull', 'HOST/UPPER:1'], 'ERR_REFERENCE_INVALID', 1],
    ['a reference that nobody pushed', ['pull', 'HOST/nope:1'], 'ERR_ARTIFACT_NOT_FOUND', 1],
    ['a registry that is down', ['pull', '127.0.0.1:1/a:1', '--timeout', '2s'], 'ERR_REGISTRY_UNREACHABLE', 1],
    ['a folder that is not there', ['pull', 'HOST/there:1', 'no/such/a.wasm'], 'cannot be written (ENOENT)', 1],
    ['half a login', ['pull', 'HOST/a:1', '-u', 'ann'], 'a user of a registry has a password', 2],
    ['two passwords', ['pull', 'HOST/a:1', '-u', 'ann', '-p', 'x', '--password-file', 'y'], 'not both', 2],
    ['no reference', ['pull'], 'usage: lodge pull', 2],
    ['no file', ['push', 'HOST/a:1'], 'usage: lodge push', 2],
  ])('%s is one line', async (_, args, says, expected) => {
    await using folder = await temporaryFolder({ 'text.wasm': 'hello', 'there.wasm': await fixture('lean') });
    const cwd = folder.path;
    await runLodge(['push', `${registry.host}/there:1`, 'there.wasm', '--insecure'], { cwd });
    const words = args.map((word) => word.replace('HOST', registry.host));
    const { code, stdout, stderr } = await runLodge([...words, '--insecure'], { cwd });
    expect(stderr).toContain(says);
    expect(lines(stderr)).toHaveLength(1);
    expect(stdout).toBe('');
    expect(code).toBe(expected);
  });
});
