import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type SchedulerClient, schedulerClient } from '@lodge/scheduler-protocol';
import { fixture } from '@lodge-internal/fixtures';
import {
  type Certificates,
  makeCertificates,
  type NatsServer,
  operatorMode,
  startNatsServer,
} from '@lodge-internal/test-nats';
import { registryUser, startRegistry } from '@lodge-internal/test-registry';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { labelledServer } from './support/guests.js';
import { getAs } from './support/host-header.js';
import { helloWorkload, type Lattice, secrets, startLattice } from './support/lattice.js';
import { type LodgeProcess, lodge, runLodge } from './support/lodge.js';
import { slowEcho } from './support/slow-echo.js';
import { temporaryFolder } from './support/temporary-folder.js';
import { tlsRelay } from './support/tls-relay.js';

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const joined = /has joined the lattice/;

/** What a test of logins has made. */
interface Files {
  /** A file that holds nothing of use. */
  readonly bad: string;
  readonly own: Certificates;
  readonly foreign: Certificates;
}

/** Both connections to one server. */
function toBoth(url: string): readonly string[] {
  return ['--scheduler-nats-url', url, '--data-nats-url', url];
}

async function startOn(
  client: SchedulerClient,
  hostId: string,
  request: ReturnType<typeof helloWorkload>,
): Promise<void> {
  expect(await client.start(hostId, request)).toMatchObject({ message: 'Workload started successfully' });
}

function lines(text: string): string[] {
  return text.trimEnd().split('\n');
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

describe('in a lattice', () => {
  let lattice: Lattice;
  beforeAll(async () => {
    lattice = await startLattice();
  });
  afterAll(async () => {
    const written = lattice?.output() ?? '';
    await lattice?.[Symbol.asyncDispose]();
    expect(written).not.toMatch(new RegExp(`${secrets.scheduler}|${secrets.data}`));
  });

  test('a host says of itself what the options say, and the machine', async () => {
    const args = ['--host-group', 'edge', '--label', 'zone=a', '--host-name', '10.1.2.3', '--environment', 'shop'];
    await using host = await lattice.host({ args });
    await using client = schedulerClient(lattice.connection);
    const heartbeat = await client.heartbeat(host.hostId);
    expect(heartbeat).toMatchObject({
      id: host.hostId,
      friendlyName: host.friendlyName,
      hostname: '10.1.2.3',
      environment: 'shop',
      labels: { hostgroup: 'edge', zone: 'a' },
      httpPort: Number(new URL(host.url).port),
      osName: 'linux',
      osKernel: 'unix',
      workloadCount: 0n,
    });
    expect(heartbeat.systemMemoryTotal).toBeGreaterThan(heartbeat.systemMemoryFree);
    expect(heartbeat.systemMemoryFree).toBeGreaterThan(0n);
    expect(heartbeat.imports.map(({ namespace, package: name }) => `${namespace}:${name}`)).toEqual(
      expect.arrayContaining(['wasi:http', 'wasi:keyvalue', 'wasi:blobstore', 'wasi:config', 'wasmcloud:messaging']),
    );
  });

  test('the environment comes from WASMCLOUD_HOST_ENVIRONMENT, too', async () => {
    const env = { ...lattice.env, WASMCLOUD_HOST_ENVIRONMENT: 'from-the-pod' };
    await using host = lodge(['host'], { env });
    const [, hostId = ''] = await host.saw(/\(([0-9a-f-]{36})\) has joined/);
    await using client = schedulerClient(lattice.connection);
    expect(await client.heartbeat(hostId)).toMatchObject({ environment: 'from-the-pod', httpPort: 0 });
  });

  test('the arguments of the chart work as they are', async () => {
    const chart = [
      '--log-level=info',
      'host',
      '--host-name=10.1.2.3',
      '--host-group=default',
      '--environment=default',
      `--scheduler-nats-url=${lattice.env['LODGE_SCHEDULER_NATS_URL']}`,
      `--data-nats-url=${lattice.env['LODGE_DATA_NATS_URL']}`,
      `--oci-cache-dir=${lattice.folder.path}/chart-cache`,
      '--drain-delay=1s',
      '--nats-connect-timeout=30s',
      '--probe-addr=127.0.0.1:0',
      '--http-addr=127.0.0.1:0',
      '--socket-egress=enforce',
      '--deny-special-ranges=true',
      '--max-connections=1000',
    ];
    await using host = lodge(chart, { env: lattice.env });
    await host.saw(joined);
    expect(host.stderr()).toMatch(/warn .*--max-connections has no effect/);
    expect(host.stderr()).not.toContain('socket-egress');
  });

  test('probes tell whether it is there, whether it can work, and that it goes', async () => {
    const proxy = await lattice.nats.proxy();
    await using host = await lattice.host({ proxy, args: ['--drain-delay', '20s'] });
    const ask = async (path: string): Promise<[number, string]> => {
      const response = await fetch(`${host.healthUrl}${path}`);
      return [response.status, (await response.text()).trim()];
    };
    expect(await ask('/livez')).toEqual([200, 'ok']);
    expect(await ask('/readyz')).toEqual([200, 'ok']);
    expect((await ask('/'))[0]).toBe(404);
    expect((await fetch(`${host.healthUrl}/readyz`, { method: 'POST' })).status).toBe(405);
    await proxy.cut();
    await vi.waitFor(async () =>
      expect(await ask('/readyz')).toEqual([503, 'the NATS of the scheduler is not connected']),
    );
    expect(await ask('/livez')).toEqual([200, 'ok']);
    await proxy.restore();
    await vi.waitFor(async () => expect(await ask('/readyz')).toEqual([200, 'ok']), { timeout: 10_000 });
    host.child.kill('SIGTERM');
    await vi.waitFor(async () => expect(await ask('/readyz')).toEqual([503, 'stopping']));
    expect(await ask('/livez')).toEqual([200, 'ok']);
  });

  test('a component is pulled with the login that the scheduler sends, which nothing writes', async () => {
    await using closed = await startRegistry({ auth: 'basic' });
    const { username, password } = registryUser;
    const image = `${closed.host}/hello:1`;
    await lattice.run('push', image, 'hello.wasm', '--insecure', '-u', username, '-p', password);
    await using host = await lattice.host({ args: ['--log-level', 'trace'] });
    await using client = schedulerClient(lattice.connection);
    const start = (secret?: { readonly username: string; readonly password: string }) => {
      const { workloadId, workload } = helloWorkload(image, 'private.test');
      const components = [{ name: 'hello', image, imagePullSecret: secret }];
      return client.start(host.hostId, {
        workloadId,
        workload: { ...workload, witWorld: { ...workload?.witWorld, components } },
      });
    };
    const refused = await start({ username, password: 's3cret' });
    expect(refused).toMatchObject({ workloadState: 'WORKLOAD_STATE_ERROR', message: expect.stringContaining(image) });
    expect((await start()).workloadState).toBe('WORKLOAD_STATE_ERROR');
    expect(await start({ username, password })).toMatchObject({ workloadState: 'WORKLOAD_STATE_RUNNING' });
    expect(JSON.stringify(refused) + host.stdout() + host.stderr()).not.toMatch(new RegExp(`s3cret|${password}`));
  });

  test('a stop during a pull ends the pull', async () => {
    const connected = Promise.withResolvers<Socket>();
    const silent = createServer((socket) => connected.resolve(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    await using host = await lattice.host();
    await using client = schedulerClient(lattice.connection);
    const request = helloWorkload(`127.0.0.1:${portOf(silent)}/hello:1`, 'slow.test');
    const start = client.start(host.hostId, request);
    const socket = await connected.promise;
    // Far less than a pull may take.
    const closed = once(
      socket.on('error', () => {}),
      'close',
      { signal: AbortSignal.timeout(10_000) },
    );
    socket.resume();
    expect(await client.stop(host.hostId, request.workloadId)).toMatchObject({
      workloadState: 'WORKLOAD_STATE_STOPPING',
    });
    expect(await start).toMatchObject({ workloadState: 'WORKLOAD_STATE_STOPPING' });
    await closed;
    silent.close();
  });

  test('with a cache, what was pulled once starts while the registry is down', async () => {
    await using registry = await startRegistry();
    const image = `${registry.host}/hello:1`;
    await lattice.run('push', image, 'hello.wasm', '--insecure');
    await using host = await lattice.host();
    await using client = schedulerClient(lattice.connection);
    await startOn(client, host.hostId, helloWorkload(image, 'before.test'));
    await registry.stop();
    await startOn(client, host.hostId, helloWorkload(image, 'after.test'));
    expect((await getAs(host.url, 'after.test')).text).toBe('hello world');
    await using uncached = await lattice.host({ args: ['--registry-pull-timeout', '2s'], cache: false });
    const missed = await client.start(uncached.hostId, helloWorkload(image, 'after.test'));
    expect(missed.message).toMatch(/^failed to pull image for component 'hello': .*cannot be reached/);
    expect((await client.status(uncached.hostId, missed.workloadId)).workloadState).toBe('WORKLOAD_STATE_NOT_FOUND');
  });

  test('goes on serving for the drain delay, then ends with 0', async () => {
    await using host = await lattice.host({ args: ['--drain-delay', '1s'] });
    await using client = schedulerClient(lattice.connection);
    await startOn(client, host.hostId, helloWorkload(lattice.image, 'hello.test'));
    host.child.kill('SIGTERM');
    await host.saw(/^stopping$/m);
    expect(await getAs(host.url, 'hello.test')).toEqual({ status: 200, text: 'hello world' });
    expect(await host.ended).toBe(0);
  });

  test('a request that runs when SIGTERM comes may end, new commands are not taken, and the host ends with 0', async () => {
    await lattice.folder.write('echo.wasm', await fixture('http-echo'));
    const image = `${lattice.registry.host}/echo:1`;
    await lattice.run('push', image, 'echo.wasm', '--insecure');
    await using host = await lattice.host();
    await using client = schedulerClient(lattice.connection);
    await startOn(client, host.hostId, helloWorkload(image, 'echo.test'));
    const call = slowEcho(host.url, 'echo.test');
    await call.answered;
    host.child.kill('SIGTERM');
    await host.saw(/^stopping$/m);
    await vi.waitFor(() =>
      expect(client.start(host.hostId, helloWorkload(lattice.image, 'hello.test'))).rejects.toThrow(/cannot be asked/),
    );
    call.end('late');
    expect(await call.text).toBe('early late');
    expect(await host.ended).toBe(0);
  });

  test('a host whose guests have all the memory they may have answers 503, and serves on when there is room', async () => {
    await lattice.folder.write('echo.wasm', await fixture('http-echo'));
    const image = `${lattice.registry.host}/echo:3`;
    await lattice.run('push', image, 'echo.wasm', '--insecure');
    await using host = await lattice.host({ args: ['--max-guest-memory', '1', '--keep-grown-memories'] });
    await using client = schedulerClient(lattice.connection);
    await startOn(client, host.hostId, helloWorkload(image, 'echo.test'));
    // A guest takes 64 KiB, so there is room for sixteen.
    const calls = Array.from({ length: 16 }, () => slowEcho(host.url, 'echo.test'));
    await Promise.all(calls.map(({ answered }) => answered));
    expect(await getAs(host.url, 'echo.test')).toMatchObject({ status: 503 });
    for (const call of calls) call.end('late');
    for (const call of calls) expect(await call.text).toBe('early late');
    expect(await getAs(host.url, 'echo.test')).toMatchObject({ status: 200 });
  });

  test('a request that does not end is cut within the grace period', async () => {
    await lattice.folder.write('echo.wasm', await fixture('http-echo'));
    const image = `${lattice.registry.host}/echo:2`;
    await lattice.run('push', image, 'echo.wasm', '--insecure');
    await using host = await lattice.host({ args: ['--grace-period', '3s'] });
    await using client = schedulerClient(lattice.connection);
    await startOn(client, host.hostId, helloWorkload(image, 'echo.test'));
    const call = slowEcho(host.url, 'echo.test');
    call.text.catch(() => {});
    await call.answered;
    const asked = performance.now();
    host.child.kill('SIGTERM');
    expect(await host.ended).toBe(0);
    expect(performance.now() - asked).toBeLessThan(3_000);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('a second signal, %s, ends it at once with %i', async (signal, code) => {
    await using host = await lattice.host({ args: ['--drain-delay', '20s'] });
    host.child.kill('SIGTERM');
    await host.saw(/^stopping$/m);
    host.child.kill(signal);
    expect(await host.ended).toBe(code);
  });

  test('two accounts keep components away from the host API, and nothing is said; one account is warned of', async () => {
    await using apart = await lattice.host();
    const env = { ...lattice.env, LODGE_DATA_NATS_URL: lattice.env['LODGE_SCHEDULER_NATS_URL'] ?? '' };
    await using together = lodge(['host', ...['--data-nats-user', 'host']], {
      env: { ...env, LODGE_DATA_NATS_PASSWORD: secrets.scheduler },
    });
    await together.saw(/warn .*the data connection reaches the host API.*use two NATS accounts/);
    expect(apart.stderr()).not.toContain('reaches the host API');
    expect(together.stderr()).not.toContain(secrets.scheduler);
  });

  test('with -o json, joining and stopping are events on standard output', async () => {
    await using host = lodge(['host', '--http-addr', '127.0.0.1:0', '-o', 'json'], { env: lattice.env });
    await host.saw(/"event":"joined"/);
    host.child.kill('SIGTERM');
    expect(await host.ended).toBe(0);
    expect(lines(host.stdout()).map((line) => JSON.parse(line))).toEqual([
      {
        event: 'joined',
        hostId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        friendlyName: expect.stringMatching(/^[a-z]+-[a-z]+-\d+$/),
        labels: { hostgroup: 'default' },
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      },
      { event: 'stopping' },
    ]);
  });

  test.each([
    ['--http-addr', 'a port in use'],
    ['--health-addr', 'a port in use for the probes'],
  ])('%s: %s is one line with exit code 1', async (option) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const port = portOf(other);
    const { code, stderr } = await runLodge(['host', option, `127.0.0.1:${port}`], { env: lattice.env });
    other.close();
    expect(stderr).toContain('ERR_ADDRESS_IN_USE');
    expect(stderr).toContain(`Port ${port} of 127.0.0.1`);
    expect(lines(stderr).filter((line) => line.startsWith('lodge: '))).toHaveLength(1);
    expect(code).toBe(1);
  });
});

describe('a NATS server that is not there', () => {
  test('is waited for: one line, and the host joins when it comes', async () => {
    const nats = await startNatsServer();
    await nats.stop();
    await using _ = nats;
    await using host = lodge(['host', ...toBoth(`nats://joe:p4ss@127.0.0.1:${nats.port}`)]);
    await host.saw(/does not answer/);
    await nats.start();
    await host.saw(joined);
    const waiting = lines(host.stderr()).filter((line) => line.includes('does not answer'));
    expect(waiting).toEqual([
      expect.stringMatching(
        /warn .*the NATS of the scheduler at 127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\); trying again$/,
      ),
    ]);
    expect(host.stderr()).not.toContain('p4ss');
  });

  test('can be given up with SIGTERM, which is no failure', async () => {
    await using host = lodge(['host', ...toBoth('nats://127.0.0.1:1')]);
    await host.saw(/does not answer/);
    host.child.kill('SIGTERM');
    expect(await host.ended).toBe(0);
  });

  test('is waited for no longer than --nats-connect-timeout', async () => {
    const { code, stderr } = await runLodge(['host', ...toBoth('nats://127.0.0.1:1'), '--nats-connect-timeout', '1s']);
    expect(lines(stderr).at(-1)).toMatch(
      /^lodge: the NATS of the scheduler at 127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)/,
    );
    expect(code).toBe(1);
  });
});

describe('how a host logs in', () => {
  const logins = `authorization { users = [{ user: host, password: "p@ss:word" }] }`;
  let nats: NatsServer;
  beforeAll(async () => {
    nats = await startNatsServer({ config: logins });
  });
  afterAll(() => nats?.[Symbol.asyncDispose]());

  async function joins(host: LodgeProcess): Promise<void> {
    await host.saw(joined);
    expect(host.stdout() + host.stderr()).not.toMatch(/p@ss|p%40ss|t0ken/);
  }

  test('a login in the url, which is never written', async () => {
    await using host = lodge(['host', ...toBoth(`nats://host:p%40ss:word@127.0.0.1:${nats.port}`), '--verbose']);
    await joins(host);
  });

  test('a user, and a password in a file', async () => {
    await using folder = await temporaryFolder({ password: 'p@ss:word\n' });
    const login = ['scheduler-nats', 'data-nats'].flatMap((prefix) => [
      `--${prefix}-user`,
      'host',
      `--${prefix}-password-file`,
      `${folder.path}/password`,
    ]);
    await using host = lodge(['host', ...toBoth(nats.url), ...login, '--verbose']);
    await joins(host);
  });

  test('a token in a variable', async () => {
    await using server = await startNatsServer({ config: 'authorization { token: "t0ken" }' });
    const env = { LODGE_SCHEDULER_NATS_TOKEN: 't0ken', LODGE_DATA_NATS_TOKEN: 't0ken' };
    await using host = lodge(['host', ...toBoth(server.url), '--verbose'], { env });
    await joins(host);
  });

  test('a credentials file', async () => {
    const operator = operatorMode();
    await using folder = await temporaryFolder({ 'host.creds': operator.credentials });
    await using server = await startNatsServer({ config: operator.config });
    const env = { LODGE_DATA_NATS_CREDS: `${folder.path}/host.creds` };
    const args = ['host', ...toBoth(server.url), '--scheduler-nats-creds', `${folder.path}/host.creds`];
    await using host = lodge(args, { env });
    await joins(host);
  });

  test.each([
    ['after the greeting', []],
    ['before the greeting', ['--scheduler-nats-tls-first', '--data-nats-tls-first']],
  ])('a client certificate, with TLS %s', async (_, first) => {
    await using folder = await temporaryFolder();
    const { caFile, certFile, keyFile } = await makeCertificates(folder.path);
    const own = `tls { cert_file: "${certFile}", key_file: "${keyFile}", ca_file: "${caFile}", verify: true }`;
    await using server = await startNatsServer({ config: first.length === 0 ? own : '' });
    // The server that Debian has cannot begin with TLS; a relay in front of it can.
    await using relay = await tlsRelay(server.port, { caFile, certFile, keyFile });
    const files = ['scheduler-nats', 'data-nats'].flatMap((prefix) => [
      `--${prefix}-tls-ca=${caFile}`,
      `--${prefix}-tls-cert=${certFile}`,
      `--${prefix}-tls-key=${keyFile}`,
    ]);
    const port = first.length === 0 ? server.port : relay.port;
    await using host = lodge(['host', ...toBoth(`tls://127.0.0.1:${port}`), ...files, ...first]);
    await joins(host);
  });

  test('a wrong password ends it at once, with one line and exit code 1', async () => {
    const { code, stderr } = await runLodge(['host', ...toBoth(`nats://host:wr0ng@127.0.0.1:${nats.port}`)]);
    expect(lines(stderr)).toEqual([
      expect.stringMatching(
        /^lodge: the NATS of the scheduler at 127\.0\.0\.1:\d+ refuses the login: .*\[ERR_CONFIG_INVALID\]$/,
      ),
    ]);
    expect(stderr).not.toContain('wr0ng');
    expect(code).toBe(1);
  });

  test.each<[string, (files: Files) => readonly string[], string]>([
    [
      'a credentials file without credentials',
      ({ bad }) => [`--scheduler-nats-creds=${bad}`],
      'the credentials file has no credentials in it',
    ],
    ['an authority that is none', ({ bad }) => [`--scheduler-nats-tls-ca=${bad}`], 'bad holds no certificate in PEM'],
    [
      'another authority',
      ({ foreign }) => [`--scheduler-nats-tls-ca=${foreign.caFile}`],
      'has a certificate that is not trusted',
    ],
    [
      'the key of another certificate',
      ({ own, foreign }) => [
        `--scheduler-nats-tls-ca=${own.caFile}`,
        `--scheduler-nats-tls-cert=${own.certFile}`,
        `--scheduler-nats-tls-key=${foreign.keyFile}`,
      ],
      'do not belong together',
    ],
  ])('%s ends it at once, with one line and exit code 1', async (_, login, says) => {
    await using folder = await temporaryFolder({ bad: 'nothing' });
    const [own, foreign] = [await makeCertificates(folder.path), await makeCertificates(`${folder.path}/foreign`)];
    const tls = `tls { cert_file: "${own.certFile}", key_file: "${own.keyFile}" }`;
    await using server = await startNatsServer({ config: says.startsWith('the credentials') ? '' : tls });
    const args = login({ bad: `${folder.path}/bad`, own, foreign });
    const { code, stderr } = await runLodge(['host', ...toBoth(server.url), ...args]);
    expect(lines(stderr)).toEqual([expect.stringContaining(says)]);
    expect(code).toBe(1);
  });

  test('a server without TLS is refused where the url wants it', async () => {
    const { code, stderr } = await runLodge(['host', ...toBoth(`tls://127.0.0.1:${nats.port}`)]);
    expect(lines(stderr)).toEqual([expect.stringMatching(/has no TLS, which the url or the options want/)]);
    expect(code).toBe(1);
  });

  test('an account that may not do what a host does ends it with what is missing', async () => {
    const config =
      'authorization { users = [{ user: host, password: x, permissions: { subscribe: { deny: "runtime.host.>" } } }] }';
    await using server = await startNatsServer({ config });
    const { code, stderr } = await runLodge(['host', ...toBoth(`nats://host:x@127.0.0.1:${server.port}`)]);
    expect(lines(stderr).at(-1)).toMatch(
      /^lodge: NATS does not serve this host: .*grant its account runtime\.host\.\S+/,
    );
    expect(code).toBe(1);
  });

  test('a login that is taken away while it runs is told once, and used again when it is back', async () => {
    await using server = await startNatsServer({ config: logins });
    await using host = lodge(['host', ...toBoth(`nats://host:p%40ss:word@127.0.0.1:${server.port}`)]);
    await joins(host);
    await server.restart('authorization { users = [{ user: other, password: x }] }');
    await host.saw(/error .*the NATS of the scheduler refuses the login: .* Trying again/);
    await server.restart(logins);
    await host.saw(/connected to the NATS of the scheduler again/);
    expect(host.stderr().match(/the NATS of the scheduler refuses the login/g)).toHaveLength(1);
    await joins(host);
  });

  test('an account that loses the right to serve a host ends it, with what happened', async () => {
    const users = (more: string) => `authorization { users = [{ user: host, password: x${more} }] }`;
    await using server = await startNatsServer({ config: users('') });
    await using host = lodge(['host', ...toBoth(`nats://host:x@127.0.0.1:${server.port}`)]);
    await host.saw(joined);
    await server.restart(users(', permissions: { subscribe: { deny: "runtime.host.>" } }'));
    expect(await host.ended).toBe(1);
    expect(lines(host.stderr()).at(-1)).toMatch(
      /^lodge: Schedulers cannot reach this host any more: .*\[ERR_HOST_UNREACHABLE\]$/,
    );
  });

  test('lodge run logs in with the same options, and a wrong login is one line', async () => {
    const files = { password: 'p@ss:word', wrong: 'wr0ng', 'store.wasm': await labelledServer() };
    await using folder = await temporaryFolder(files);
    const server = ['run', 'store.wasm', '--http', '127.0.0.1:0', '--nats', nats.url];
    const args = (file: string) => [...server, '--nats-user', 'host', '--nats-password-file', file];
    await using right = lodge(args('password'), { cwd: folder.path });
    await right.saw(/connected to NATS/);
    const wrong = await runLodge(args('wrong'), { cwd: folder.path });
    expect(lines(wrong.stderr)).toEqual([expect.stringContaining('refuses the login')]);
    expect(wrong.code).toBe(1);
    expect(right.stderr() + wrong.stderr).not.toMatch(/p@ss|wr0ng/);
  });
});

describe('what cannot be is refused before anything starts', () => {
  test.each([
    { args: ['--scheduler-nats-url', 'http://me:s3cret@host'], says: '--scheduler-nats-url is nats://host:port' },
    { args: ['--data-nats-url', 'nats://me:s3cret@host/path'], says: '--data-nats-url is nats://host:port' },
    { args: ['--host-group', 'no spaces'], says: 'a host group is at most 63 letters', code: 1 },
    { args: ['--host-group='], says: 'a host group is at most 63 letters', code: 1 },
    { args: ['--label', 'zone=-a'], says: 'the value of a label', code: 1 },
    { args: ['--label', '/zone=a'], says: 'the key of a label', code: 1 },
    { args: ['--label', 'hostgroup=a'], says: 'the label hostgroup is that of --host-group' },
    { args: ['--http-addr', 'here'], says: '--http-addr is host:port' },
    { args: ['--grace-period', '5'], says: '--grace-period is a time from 1s to 1h' },
    { args: ['--drain-delay', '30s'], says: '--drain-delay is part of --grace-period' },
    { args: ['--heartbeat-interval', '31s'], says: '--heartbeat-interval is a time from 100ms to 30s' },
    { args: ['--log-level', 'loud'], says: '--log-level is trace, debug, info, warn, error' },
    { args: ['--interruption', 'fetched'], says: '--interruption is auto, always, never, not "fetched"' },
    { args: ['--max-guest-memory', '0'], says: '--max-guest-memory is at least 1' },
    { args: ['--oci-cache-size', '10'], says: '--oci-cache-size is that of --oci-cache-dir' },
    { args: ['--oci-ca-path', '/no/such/file'], says: '/no/such/file does not exist', code: 1 },
    {
      args: ['--http-client-trust-roots', 'all'],
      says: '--http-client-trust-roots is webpki, native, webpki-and-native',
    },
    { args: ['--scheduler-nats-creds', '/no/such.creds'], says: '/no/such.creds does not exist', code: 1 },
    { args: ['--scheduler-nats-user', 'joe'], says: 'a NATS user has a password' },
    {
      args: ['--scheduler-nats-tls-cert', 'a.pem'],
      says: '--scheduler-nats-tls-cert and --scheduler-nats-tls-key belong together',
    },
    {
      args: ['--tls-cert-path=/tls-cert/tls.crt'],
      says: 'lodge host does not do --tls-cert-path: HTTP is served without TLS',
    },
    { args: ['--wasi-otel'], says: 'lodge host does not do --wasi-otel' },
    { args: ['--postgres-url', 'postgres://joe:s3cret@db'], says: 'lodge host does not do --postgres-url' },
    { args: ['--host-plugin', 'id=a,image=b'], says: 'lodge host does not do --host-plugin' },
    { args: ['--deny-private-ranges'], says: 'lodge host does not do --deny-private-ranges' },
    { args: ['--deny-special-ranges=false'], says: 'lodge host does not do --deny-special-ranges' },
    { args: ['--deny-special-ranges=maybe'], says: '--deny-special-ranges takes no value but true or false' },
  ])('lodge host $args', async ({ args, says, code: expected = 2 }) => {
    const { code, stdout, stderr } = await runLodge(['host', ...args]);
    expect(stderr).toContain(says);
    expect(stderr).not.toContain('s3cret');
    expect(lines(stderr)).toHaveLength(1);
    expect(stdout).toBe('');
    expect(code).toBe(expected);
  });

  test('a variable that wash reads is refused as its option is', async () => {
    const { code, stderr } = await runLodge(['host'], { env: { WASH_POSTGRES_URL: 'postgres://joe:s3cret@db' } });
    expect(stderr).toBe('lodge: lodge host does not do WASH_POSTGRES_URL: there is no wasmcloud:postgres.\n');
    expect(code).toBe(2);
  });
});
