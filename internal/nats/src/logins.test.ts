import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates, operatorMode, startNatsServer } from '@lodge-internal/test-nats';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectNats } from './connect-nats.js';
import type { NatsOptions } from './nats-options.js';
import { type TestContext, testContext } from './testing.js';

let folder: string;
let context: TestContext;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lodge-logins-'));
  context = testContext();
});

afterEach(async () => {
  await context[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** What the server says to a client that asks it for something. */
async function talk(options: NatsOptions): Promise<'fine'> {
  const client = await connectNats(context, { timeoutMs: 2_000, ...options });
  await client.call(() => client.connection.rtt());
  return 'fine';
}

describe('a server with TLS', () => {
  test('is reached by who trusts its authority, and by nobody else', async () => {
    const { caFile, certFile, keyFile } = await makeCertificates(folder);
    const tls = `tls { cert_file: "${certFile}", key_file: "${keyFile}" }`;
    await using server = await startNatsServer({ config: tls });
    const url = `tls://127.0.0.1:${server.port}`;
    expect(await talk({ url, tls: { caFile } })).toBe('fine');
    expect(await talk({ url: server.url, tls: { caFile } })).toBe('fine');
    await expect(talk({ url })).rejects.toThrow(/certificate that is not trusted; name the file of its authority/);
    const other = await makeCertificates(join(folder, 'other'));
    await expect(talk({ url, tls: { caFile: other.caFile } })).rejects.toThrow(/certificate that is not trusted/);
    await expect(talk({ url, tls: { caFile: join(folder, 'missing.pem') } })).rejects.toMatchObject({
      code: 'ERR_FILE_UNREADABLE',
      message: expect.stringContaining('tls.caFile'),
    });
  });

  test('may want a certificate of its clients, too', async () => {
    const { caFile, certFile, keyFile } = await makeCertificates(folder);
    const tls = `tls { cert_file: "${certFile}", key_file: "${keyFile}", ca_file: "${caFile}", verify: true }`;
    await using server = await startNatsServer({ config: tls });
    const url = `tls://127.0.0.1:${server.port}`;
    expect(await talk({ url, tls: { caFile, certFile, keyFile } })).toBe('fine');
    await expect(talk({ url, tls: { caFile } })).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' });
  });

  test('is what a tls:// address insists on', async () => {
    await using server = await startNatsServer();
    await expect(talk({ url: `tls://127.0.0.1:${server.port}` })).rejects.toThrow(/has no TLS, which the url/);
  });
});

describe('a server with an operator', () => {
  test('is reached with a credentials file of one of its accounts, and not with another', async () => {
    const { config, credentials, foreignCredentials } = operatorMode();
    await using server = await startNatsServer({ config });
    const mine = join(folder, 'mine.creds');
    const foreign = join(folder, 'foreign.creds');
    await writeFile(mine, credentials);
    await writeFile(foreign, foreignCredentials);
    const { url } = server;
    expect(await talk({ url, credentialsFile: mine })).toBe('fine');
    await expect(talk({ url, credentialsFile: foreign })).rejects.toThrow(/refuses the login/);
    await expect(talk({ url })).rejects.toThrow(/refuses the login/);
  });

  test('reads the file again when it connects again, so that renewed credentials count', async () => {
    const first = operatorMode();
    const second = operatorMode();
    await using server = await startNatsServer({ config: first.config });
    const file = join(folder, 'renewed.creds');
    await writeFile(file, first.credentials);
    const client = await connectNats(context, { url: server.url, credentialsFile: file, timeoutMs: 500 });
    await writeFile(file, second.credentials);
    await server.restart(second.config);
    await expect.poll(() => client.call(() => client.connection.rtt()).catch(() => -1)).toBeGreaterThanOrEqual(0);
  });

  test('tells a credentials file that is not there from one without credentials', async () => {
    const { config } = operatorMode();
    await using server = await startNatsServer({ config });
    const file = join(folder, 'empty.creds');
    const options = { url: server.url, credentialsFile: file };
    await expect(talk(options)).rejects.toMatchObject({ code: 'ERR_FILE_UNREADABLE' });
    await writeFile(file, 'nothing of that kind');
    await expect(talk(options)).rejects.toThrow(/the credentials file has no credentials in it/);
  });
});

test('a server with a token lets in who has it', async () => {
  await using server = await startNatsServer({ config: 'authorization { token: secret }' });
  expect(await talk({ url: server.url, token: 'secret' })).toBe('fine');
  await expect(talk({ url: server.url, token: 'guess' })).rejects.toThrow(/refuses the login/);
  await expect(talk({ url: server.url, user: 'a', password: 'b' })).rejects.toThrow(/refuses the login/);
});
