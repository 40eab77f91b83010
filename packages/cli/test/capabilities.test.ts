import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fixture } from '@lodge-internal/fixtures';
import { type NatsServer, startNatsServer } from '@lodge-internal/test-nats';
import { Kvm } from '@nats-io/kv';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { allFiveCommand, countingServer, labelledServer, messageLogger } from './support/guests.js';
import { type LodgeProcess, lodge, runLodge } from './support/lodge.js';
import { type TemporaryFolder, temporaryFolder } from './support/temporary-folder.js';

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

let nats: NatsServer;
let client: NatsConnection;

beforeAll(async () => {
  const config = 'authorization { users = [{ user: guest, password: "p@ss word" }] }';
  nats = await startNatsServer({ config });
  client = await connect({ servers: nats.url, user: 'guest', pass: 'p@ss word' });
});

afterAll(async () => {
  await client?.close();
  await nats?.[Symbol.asyncDispose]();
});

/** The server with a login that has to be kept out of everything that is written. */
function natsUrl(password = 'p%40ss%20word'): string {
  return `nats://guest:${password}@127.0.0.1:${nats.port}`;
}

/** What NATS has as the count. */
async function countInNats(bucket: string): Promise<bigint | undefined> {
  const entry = await (await new Kvm(client).open(bucket)).get('n');
  return entry === null ? undefined : Buffer.from(entry.value).readBigUInt64BE();
}

async function addressOf(process: LodgeProcess): Promise<string> {
  const [, url] = await process.saw(/listening on (http:\/\/127\.0\.0\.1:\d+)/);
  return url ?? '';
}

async function get(url: string): Promise<string> {
  return (await fetch(url)).text();
}

describe('lodge run of a command that uses all five', () => {
  let folder: TemporaryFolder;
  beforeAll(async () => {
    folder = await temporaryFolder({ 'tool.wasm': await allFiveCommand() });
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  test('keeps nothing beyond its end in memory', async () => {
    for (const _ of ['first', 'second']) {
      const { code, stdout, stderr } = await runLodge(['run', 'tool.wasm', '--config', 'name=joe '], {
        cwd: folder.path,
      });
      expect(stdout).toBe('joe 1\n');
      expect(stderr).toMatch(/info {2}joe .*context="test"/);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(code).toBe(0);
    }
  });

  test('stores, publishes and logs in NATS with --nats, and nowhere writes the password', async () => {
    const logs = client.subscribe('lodge.logs.>', { max: 1 });
    const news = client.subscribe('news.test', { max: 1 });
    await client.flush();
    const command = ['run', 'tool.wasm', '--config', 'name=joe ', '--verbose', '--nats', natsUrl()];
    const { code, stdout, stderr } = await runLodge(command, { cwd: folder.path });
    expect(stdout).toBe('joe 1\n');
    expect(code).toBe(0);
    expect(await countInNats('default__default__visits')).toBe(1n);
    for await (const message of news) expect(message.string()).toBe('1');
    for await (const message of logs) expect(message.json()).toMatchObject({ message: 'joe ', level: 'info' });
    const streams = new TextDecoder().decode((await client.request('$JS.API.STREAM.NAMES', '{}')).data);
    expect(streams).toContain('OBJ_default__default__box');
    expect(stderr).toContain(`connected to NATS`);
    expect(stderr).not.toMatch(/p@ss|p%40ss/);
  });

  test('goes on in NATS where another one ended, with LODGE_NATS_URL as with --nats', async () => {
    await client.request('$JS.API.STREAM.PURGE.KV_default__default__visits', '{}');
    const first = await runLodge(['run', 'tool.wasm', '--nats', natsUrl()], { cwd: folder.path });
    const second = await runLodge(['run', 'tool.wasm'], { cwd: folder.path, env: { LODGE_NATS_URL: natsUrl() } });
    expect([first.stdout, second.stdout]).toEqual(['1\n', '2\n']);
  });

  test('with an empty --nats stays in memory, whatever the environment says', async () => {
    const env = { LODGE_NATS_URL: 'nats://127.0.0.1:1' };
    const { stdout } = await runLodge(['run', 'tool.wasm', '--nats='], { cwd: folder.path, env });
    expect(stdout).toBe('1\n');
  });

  test('gets its environment through wasi:config, too', async () => {
    const { stdout } = await runLodge(['run', 'tool.wasm', '--env', 'name=ann '], { cwd: folder.path });
    expect(stdout).toBe('ann 1\n');
  });

  test.each([
    ['a server that nobody answers for', () => 'nats://guest:p%40ss%20word@127.0.0.1:1', 'cannot be reached'],
    ['a wrong password', () => natsUrl('wr%6Fng'), 'refuses the login'],
  ])('ends with 1 and one line for %s', async (_, url, says) => {
    const { code, stdout, stderr } = await runLodge(['run', 'tool.wasm', '--nats', url()], { cwd: folder.path });
    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(/p@ss|p%40ss|wrong|wr%6Fng/);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });
});

test('lodge run of a server ends with 1 and one line when the NATS server does not answer, before it listens', async () => {
  await using folder = await temporaryFolder({ 'server.wasm': await countingServer() });
  const args = ['run', 'server.wasm', '--http', '127.0.0.1:0', '--nats', 'nats://127.0.0.1:1'];
  const { code, stderr } = await runLodge(args, { cwd: folder.path });
  expect(stderr).toMatch(/^lodge: NATS at 127\.0\.0\.1:1 cannot be reached.*\[ERR_CONFIG_INVALID\]\n$/);
  expect(code).toBe(1);
});

test('a component that needs none of them runs without the NATS server', async () => {
  await using folder = await temporaryFolder({
    'hello.wasm': await fixture('cli-hello'),
  });
  const { code } = await runLodge(['run', 'hello.wasm', '--nats', 'nats://127.0.0.1:1'], { cwd: folder.path });
  expect(code).toBe(0);
});

test('lodge run serves a component that only handles messages', async () => {
  await using folder = await temporaryFolder({ 'handler.wasm': await messageLogger() });
  const args = ['run', 'handler.wasm', '--config', 'subscriptions=orders.*', '--nats', natsUrl()];
  await using process = lodge(args, { cwd: folder.path });
  await process.saw(/^running$/m);
  client.publish('orders.new', 'two shoes');
  await process.saw(/info {2}two shoes .*context="orders\.new"/);
  process.child.kill('SIGTERM');
  expect(await process.ended).toBe(0);
});

test('lodge inspect names the package of each import', async () => {
  await using folder = await temporaryFolder({ 'tool.wasm': await allFiveCommand() });
  const { stdout } = await runLodge(['inspect', 'tool.wasm', '-o', 'json'], { cwd: folder.path });
  const { data }: { data: { imports: { name: string; servedBy: string }[] } } = JSON.parse(stdout);
  const served = Object.fromEntries(data.imports.map(({ name, servedBy }) => [name, servedBy]));
  expect(served).toMatchObject({
    'wasi:config/store@0.2.0-rc.1': '@lodge/plugin-config',
    'wasi:logging/logging@0.1.0-draft': '@lodge/plugin-logging',
    'wasi:keyvalue/atomics@0.2.0-draft': '@lodge/plugin-keyvalue',
    'wasi:blobstore/blobstore@0.2.0-draft': '@lodge/plugin-blobstore',
    'wasmcloud:messaging/consumer@0.2.0': '@lodge/plugin-messaging',
  });
});

describe('lodge dev', () => {
  async function project(workload: object, more: object = {}, server = countingServer()): Promise<TemporaryFolder> {
    const config = { build: { componentPath: 'x.wasm' }, dev: { http: '127.0.0.1:0' }, workload, ...more };
    return temporaryFolder({ 'lodge.config.js': `export default ${JSON.stringify(config)};`, 'x.wasm': await server });
  }

  test('counts in memory, over a change of the component', async () => {
    await using folder = await project({});
    await using process = lodge(['dev', folder.path]);
    const url = await addressOf(process);
    expect([await get(url), await get(url)]).toEqual(['1', '2']);
    const changed = Buffer.from(await countingServer());
    changed[changed.indexOf('visits') + 5] = 'S'.charCodeAt(0);
    await folder.write('x.wasm', changed);
    await process.saw(/^reloaded$/m);
    // Another bucket; the memory of the host is the same.
    expect(await get(url)).toBe('1');
    await folder.write('x.wasm', await countingServer());
    await process.saw(/^reloaded\n(.*\n)*reloaded$/m);
    expect(await get(url)).toBe('3');
  });

  test('counts in NATS with nats.url, and --nats goes before it', async () => {
    const store = `s${randomUUID()}`;
    const keyvalue = { namespace: 'wasi', package: 'keyvalue', config: { store } };
    await using folder = await project({ hostInterfaces: [keyvalue] }, { nats: { url: natsUrl() } });
    for (const count of ['1', '2']) {
      await using process = lodge(['dev', folder.path]);
      expect(await get(await addressOf(process))).toBe(count);
    }
    expect(await countInNats(`default__${store}__visits`)).toBe(2n);
    await using process = lodge(['dev', folder.path, '--nats=']);
    expect(await get(await addressOf(process))).toBe('1');
  });

  test('keeps what is stored in the namespace that the project names', async () => {
    const namespace = `n${randomUUID()}`;
    await using folder = await project({ namespace, name: 'counter' });
    {
      await using process = lodge(['dev', folder.path, '--nats', natsUrl()]);
      expect(await get(await addressOf(process))).toBe('1');
    }
    expect(await countInNats(`${namespace}__default__visits`)).toBe(1n);
    await using other = await project({ namespace: `${namespace}-other`, name: 'counter' });
    await using process = lodge(['dev', other.path, '--nats', natsUrl()]);
    expect(await get(await addressOf(process))).toBe('1');
  });

  test('uses the server of a .wash/config.yaml, and its host interfaces', async () => {
    const store = `w${randomUUID()}`;
    const dev = {
      address: '127.0.0.1:0',
      data_nats_url: natsUrl(),
      host_interfaces: [{ namespace: 'wasi', package: 'keyvalue', interfaces: ['store'], config: { store } }],
    };
    await using folder = await temporaryFolder({
      '.wash/config.yaml': JSON.stringify({
        build: { command: 'cp source.bin x.wasm', component_path: 'x.wasm' },
        dev,
      }),
      'source.bin': await countingServer(),
    });
    await using process = lodge(['dev', folder.path]);
    expect(await get(await addressOf(process))).toBe('1');
    expect(await countInNats(`default__${store}__visits`)).toBe(1n);
    expect(process.stderr()).not.toContain('does not use');
  });

  test('keeps one entry in memory while the others are on NATS', async () => {
    const keyvalue = { namespace: 'wasi', package: 'keyvalue', config: { backend: 'in-memory' } };
    await using folder = await project({ hostInterfaces: [keyvalue] });
    for (const count of ['1', '1']) {
      await using process = lodge(['dev', folder.path, '--nats', natsUrl()]);
      expect(await get(await addressOf(process))).toBe(count);
    }
  });

  test('grants what an entry grants', async () => {
    const keyvalue = { namespace: 'wasi', package: 'keyvalue', config: { buckets: 'other' } };
    await using folder = await project({ hostInterfaces: [keyvalue] });
    await using process = lodge(['dev', folder.path]);
    expect(await get(await addressOf(process))).toBe('!');
  });

  test('routes a labelled import to the entry of its name, and tells of one that nothing uses', async () => {
    const entry = (name: string, buckets: string) => ({
      namespace: 'wasi',
      package: 'keyvalue',
      name,
      config: { buckets },
    });
    const hostInterfaces = [entry('cash', 'other'), entry('cache', 'visits')];
    await using folder = await project({ hostInterfaces }, {}, labelledServer());
    await using process = lodge(['dev', folder.path]);
    expect(await get(await addressOf(process))).toBe('+');
    expect(process.stderr()).toContain("no component uses the entry of wasi:keyvalue named 'cash'");
  });

  test('waits for a NATS server that is not there yet', async () => {
    await using late = await startNatsServer();
    await late.stop();
    await using folder = await project({});
    await using process = lodge(['dev', folder.path, '--nats', late.url]);
    await process.saw(/trying again every 2 seconds/);
    await late.start();
    expect(await get(await addressOf(process))).toBe('1');
  });

  test('says once that it cannot reach the server, however often it tries', async () => {
    const attempts: Promise<unknown>[] = [];
    const server = createServer((socket) => {
      attempts.push(once(socket, 'close'));
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await using folder = await project({});
    const { port } = server.address() as AddressInfo;
    await using process = lodge(['dev', folder.path, '--nats', `127.0.0.1:${port}`]);
    await process.saw(/trying again every 2 seconds/);
    const before = attempts.length;
    await vi.waitFor(() => expect(attempts.length).toBeGreaterThan(before + 1), { timeout: 20_000 });
    server.close();
    expect(process.stderr().match(/cannot be reached/g)).toHaveLength(1);
  });

  test('serves a project of two components', async () => {
    const components = [{ name: 'log', componentPath: 'log.wasm', config: { subscriptions: 'orders.*' } }];
    await using folder = await project({ components });
    await folder.write('log.wasm', await messageLogger());
    await using process = lodge(['dev', folder.path, '--nats', natsUrl()]);
    expect(await get(await addressOf(process))).toMatch(/^\d$/);
    client.publish('orders.old', 'three hats');
    await process.saw(/info {2}three hats .*component="log"/);
  });

  test('serves the components of a .wash/config.yaml', async () => {
    const components = [{ name: 'log', file: 'log.wasm', config: { subscriptions: 'parcels.*' } }];
    const dev = { address: '127.0.0.1:0', data_nats_url: natsUrl(), components };
    await using folder = await temporaryFolder({
      '.wash/config.yaml': JSON.stringify({
        build: { command: 'cp source.bin x.wasm', component_path: 'x.wasm' },
        dev,
      }),
      'source.bin': await countingServer(),
      'log.wasm': await messageLogger(),
    });
    await using process = lodge(['dev', folder.path]);
    await addressOf(process);
    client.publish('parcels.old', 'four coats');
    await process.saw(/info {2}four coats .*component="log"/);
  });

  test("without a server, backend: 'nats' is an error before the first build", async () => {
    const keyvalue = { namespace: 'wasi', package: 'keyvalue', config: { backend: 'nats' } };
    await using folder = await project({ hostInterfaces: [keyvalue] });
    const { code, stderr } = await runLodge(['dev', folder.path]);
    expect(stderr).toContain("hostInterfaces[0].config.backend is 'nats', and there is no NATS server");
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  });

  test('a key of an entry that its plugin does not know is shown with its path', async () => {
    const keyvalue = { namespace: 'wasi', package: 'keyvalue', config: { bukets: 'visits' } };
    await using folder = await project({ hostInterfaces: [keyvalue] });
    await using process = lodge(['dev', folder.path]);
    await process.saw(/lodge: .*"bukets".* is unknown.*ERR_CONFIG_INVALID/);
  });
});
