import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { labelledServer } from './support/guests.js';
import { helloComponent } from './support/hello-component.js';
import { getAs } from './support/host-header.js';
import { type Lattice, type LatticeHost, secrets, startLattice } from './support/lattice.js';
import { runLodge } from './support/lodge.js';

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

let lattice: Lattice;
/** One host in the group `default`, one in `edge`. */
let hosts: readonly [LatticeHost, LatticeHost];

beforeAll(async () => {
  lattice = await startLattice();
  // As they announce themselves to whoever asks, their heartbeats need not be frequent.
  hosts = await Promise.all([
    lattice.host({ heartbeats: '30s' }),
    lattice.host({ heartbeats: '30s', args: ['--host-group', 'edge', '--environment', 'shop'] }),
  ]);
});

afterAll(async () => {
  const written = lattice?.output() ?? '';
  await lattice?.[Symbol.asyncDispose]();
  expect(written).not.toMatch(new RegExp(`${secrets.scheduler}|${secrets.data}`));
});

function lines(text: string): string[] {
  return text.trimEnd().split('\n');
}

/** Runs a command that gives JSON. */
async function json(...args: readonly string[]): Promise<{ data: Record<string, unknown>; error?: unknown }> {
  const { stdout } = await lattice.run(...args, '-o', 'json');
  expect(lines(stdout)).toHaveLength(1);
  return JSON.parse(stdout);
}

/** How many workloads each host has. */
async function counts(): Promise<number[]> {
  const { data } = await json('hosts');
  const found = data['hosts'] as readonly { hostId: string; workloadCount: number }[];
  return hosts.map(({ hostId }) => found.find((host) => host.hostId === hostId)?.workloadCount ?? -1);
}

function manifest(kind: string, spec: string): string {
  return `apiVersion: runtime.wasmcloud.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: hello }\n${spec}`;
}

/** What is in the `spec` of a workload that answers to `host`. */
function hello(host: string, more = ''): string {
  return `{ ${more} components: [{ name: hello, image: '${lattice.image}' }],
        hostInterfaces: [{ namespace: wasi, package: http, interfaces: [incoming-handler], config: { host: ${host} } }] }`;
}

describe('lodge hosts', () => {
  test('lists every host within a second, as a table and as JSON', async () => {
    const { code, stdout } = await lattice.run('hosts');
    expect(code).toBe(0);
    const [head, ...rows] = lines(stdout);
    expect(head).toMatch(/^NAME +ID +GROUP +REACHED AT +WORKLOADS/);
    expect(rows).toHaveLength(2);
    for (const { friendlyName, hostId, url } of hosts) {
      expect(stdout).toMatch(
        new RegExp(`^${friendlyName} +${hostId} +(default|edge) +\\S+:${new URL(url).port} `, 'm'),
      );
    }
    const { data } = await json('hosts');
    expect(data['hosts']).toContainEqual({
      hostId: hosts[1].hostId,
      friendlyName: hosts[1].friendlyName,
      hostname: expect.any(String),
      httpPort: Number(new URL(hosts[1].url).port),
      labels: { hostgroup: 'edge' },
      environment: 'shop',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      osArch: expect.any(String),
      osName: 'linux',
      osKernel: 'unix',
      systemCpuUsage: expect.any(Number),
      systemMemoryTotal: expect.any(Number),
      systemMemoryFree: expect.any(Number),
      componentCount: expect.any(Number),
      workloadCount: expect.any(Number),
      lastSeen: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });
});

describe('lodge workload', () => {
  test('starts a component by its reference, tells where it stands, and stops it', async () => {
    const started = await lattice.run(
      'workload',
      'start',
      lattice.image,
      '--http-host',
      'one.test',
      '--select',
      'hostgroup=edge',
    );
    expect(started).toMatchObject({ code: 0, stderr: '' });
    expect(started.stdout).toContain(`running  on ${hosts[1].friendlyName}`);
    const [id = ''] = uuid.exec(started.stdout) ?? [];
    expect(await getAs(hosts[1].url, 'one.test')).toEqual({ status: 200, text: 'hello world' });
    expect((await getAs(hosts[0].url, 'one.test')).status).toBe(404);
    const where = { workloadId: id, hostId: hosts[1].hostId, hostName: hosts[1].friendlyName };
    expect((await json('workload', 'status', id)).data).toEqual({
      ...where,
      state: 'running',
      message: 'Workload is Running',
    });
    expect((await json('workload', 'stop', id)).data).toMatchObject({ ...where, state: 'stopping' });
    const gone = await lattice.run('workload', 'status', id);
    expect(gone.code).toBe(1);
    expect(gone.stderr).toMatch(/^lodge: There is no workload .*: none of the 2 hosts .*\[ERR_WORKLOAD_NOT_FOUND\]\n$/);
  });

  test('starts what a manifest for Kubernetes describes, as often as it says, on hosts that fit', async () => {
    const before = await counts();
    const spec = `spec:
  replicas: 3
  deployPolicy: RollingUpdate
  template:
    spec: ${hello('deployed.test', 'hostSelector: { hostgroup: edge }, kubernetes: { service: { name: hello } },')}`;
    await lattice.folder.write('deployment.yaml', manifest('WorkloadDeployment', spec));
    const { data } = await json('workload', 'start', '-f', 'deployment.yaml');
    const workloads = data['workloads'] as readonly { workloadId: string; hostId: string; state: string }[];
    expect(workloads.map(({ hostId, state }) => [hostId, state])).toEqual(Array(3).fill([hosts[1].hostId, 'running']));
    expect(await counts()).toEqual([before[0], (before[1] ?? 0) + 3]);
    expect((await getAs(hosts[1].url, 'deployed.test')).status).toBe(200);
    for (const { workloadId } of workloads) await lattice.run('workload', 'stop', workloadId);
    expect(await counts()).toEqual(before);
  });

  test('takes several documents of several kinds, and an environment instead of labels', async () => {
    const documents = [
      manifest('Workload', `spec: ${hello('first.test', 'environment: shop,')}`),
      manifest(
        'WorkloadReplicaSet',
        `spec: { template: { spec: ${hello('second.test', `hostId: ${hosts[0].hostId},`)} } }`,
      ),
    ];
    await lattice.folder.write('two.yaml', documents.join('\n---\n'));
    const { data } = await json('workload', 'start', '-f', 'two.yaml');
    const workloads = data['workloads'] as readonly { workloadId: string; hostId: string }[];
    expect(workloads.map(({ hostId }) => hostId)).toEqual([hosts[1].hostId, hosts[0].hostId]);
    for (const { workloadId } of workloads) await lattice.run('workload', 'stop', workloadId);
  });

  test('tells of what was started also when something after it was not', async () => {
    const documents = [
      manifest('Workload', `spec: ${hello('kept.test')}`),
      manifest(
        'Workload',
        `spec: ${hello('missing.test').replace(lattice.image, `${lattice.registry.host}/missing:1`)}`,
      ),
    ];
    await lattice.folder.write('half.yaml', documents.join('\n---\n'));
    const { code, stdout } = await lattice.run('workload', 'start', '-f', 'half.yaml', '-o', 'json');
    expect(code).toBe(1);
    const [started, failed] = lines(stdout).map((line) => JSON.parse(line));
    expect(started).toMatchObject({ success: true, data: { workloads: [{ state: 'running' }] } });
    expect(failed).toMatchObject({ success: false, message: expect.stringContaining('failed to pull image') });
    const stopped = await lattice.run('workload', 'stop', started.data.workloads[0].workloadId);
    expect(stopped.code).toBe(0);
  });

  test('grants what --interface names, with its settings', async () => {
    await lattice.folder.write('labelled.wasm', await labelledServer());
    const image = `${lattice.registry.host}/labelled:1`;
    await lattice.run('push', image, 'labelled.wasm', '--insecure');
    const start = ['workload', 'start', image, '--http-host', 'store.test', '--host', hosts[0].friendlyName];
    const denied = await lattice.run(...start);
    expect(denied.code).toBe(1);
    expect(denied.stderr).toMatch(/did not start on .*wasi:keyvalue\/store/);
    // An import with a label is granted by an entry of its name, which only a manifest can have.
    const spec = `spec: { hostId: ${hosts[0].hostId}, components: [{ name: a, image: '${image}' }], hostInterfaces: [
      { namespace: wasi, package: http, interfaces: [incoming-handler], config: { host: store.test } },
      { namespace: wasi, package: keyvalue, interfaces: [store], name: cache, config: { buckets: visits } }] }`;
    await lattice.folder.write('labelled.yaml', manifest('Workload', spec));
    expect((await lattice.run('workload', 'start', '-f', 'labelled.yaml', '--id', 'labelled')).stderr).toBe('');
    // On the NATS of the components, which is another account.
    expect(await getAs(hosts[0].url, 'store.test')).toEqual({ status: 200, text: '+' });
    await lattice.run('workload', 'stop', 'labelled', '--host', hosts[0].hostId);
  });

  test('an id in use is refused, and what has it goes on', async () => {
    const start = [
      'workload',
      'start',
      lattice.image,
      '--id',
      'taken',
      '--host',
      hosts[0].hostId,
      '--http-host',
      'taken.test',
    ];
    expect((await lattice.run(...start)).code).toBe(0);
    const again = await lattice.run(...start);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('Workload ID [taken] already exists');
    expect((await getAs(hosts[0].url, 'taken.test')).status).toBe(200);
    await lattice.run('workload', 'stop', 'taken');
  });

  test('--pull decides whether the registry is asked', async () => {
    await lattice.folder.write('other.wasm', await helloComponent('hello other'));
    const image = `${lattice.registry.host}/pulled:1`;
    await lattice.run('push', image, 'other.wasm', '--insecure');
    const start = (...more: string[]) =>
      lattice.run(
        'workload',
        'start',
        image,
        '--id',
        'pulled',
        '--host',
        hosts[0].hostId,
        '--http-host',
        'pulled.test',
        ...more,
      );
    const never = await start('--pull', 'never');
    expect(never.stderr).toMatch(/failed to pull image for component 'pulled': .*(cache|never)/);
    for (const [text, policy] of [
      ['hello other', 'if-not-present'],
      ['hello other', 'if-not-present'],
      ['hello again', 'always'],
    ] as const) {
      expect((await start('--pull', policy)).stderr).toBe('');
      expect((await getAs(hosts[0].url, 'pulled.test')).text).toBe(text);
      await lattice.run('workload', 'stop', 'pulled');
      await lattice.folder.write('other.wasm', await helloComponent('hello again'));
      await lattice.run('push', image, 'other.wasm', '--insecure');
    }
  });

  test('a start that fails leaves nothing behind, and says why in one line', async () => {
    const before = await counts();
    const missing = await lattice.run('workload', 'start', `${lattice.registry.host}/missing:1`);
    expect(missing.code).toBe(1);
    expect(lines(missing.stderr)).toEqual([
      expect.stringMatching(/did not start on .*failed to pull image for component 'missing'/),
    ]);
    // Without --http-host the component exports a handler that nobody may call, and its imports are granted no more.
    const unmet = await json('workload', 'start', lattice.image, '--interface', 'wasi:http/incoming-handler@0.2.0');
    expect(unmet).toMatchObject({
      success: false,
      error: { details: { state: 'error', hostId: expect.stringMatching(uuid) } },
    });
    expect(await counts()).toEqual(before);
  });

  test.each<[string, readonly string[], RegExp, number]>([
    [
      'no host of a label',
      ['--select', 'hostgroup=moon', '--wait', '500ms'],
      /no host with hostgroup=moon was heard of in 500 ms \(2 others were\)/,
      1,
    ],
    ['no host of a name', ['--host', 'nobody', '--wait', '500ms'], /no host with the name or id nobody/, 1],
    ['a host that is gone', ['--host', '00000000-0000-4000-8000-000000000000'], /nobody answers under its id/, 1],
    ['a pull policy that is none', ['--pull', 'sometimes'], /--pull is always, if-not-present, never/, 2],
    ['an interface that is none', ['--interface', 'keyvalue'], /--interface is such as/, 2],
    ['replicas of one id', ['--replicas', '2', '--id', 'x'], /--id is for one workload, and these are 2/, 2],
    ['a manifest besides', ['-f', 'x.yaml'], /needs to know what to start/, 2],
  ])('%s is one line', async (_, args, says, expected) => {
    const { code, stdout, stderr } = await lattice.run('workload', 'start', lattice.image, ...args);
    expect(lines(stderr)).toEqual([expect.stringMatching(says)]);
    expect(stdout).toBe('');
    expect(code).toBe(expected);
  });

  test.each<[string, string, RegExp]>([
    ['a missing file', '', /missing\.yaml does not exist/],
    [
      'another kind',
      'kind: Pod',
      /is no workload: its kind is not one of Workload, WorkloadReplicaSet, WorkloadDeployment/,
    ],
    ['no YAML', 'kind: [', /is not YAML/],
    [
      'a key that is not known',
      manifest('Workload', 'spec: { component: [] }'),
      /spec\.component is not a known key \(did you mean "components"\?\)/,
    ],
    [
      'a Secret',
      manifest('Workload', 'spec: { components: [{ name: a, image: b, imagePullSecret: { name: c } }] }'),
      /spec\.components\[0\]\.imagePullSecret is wrong: there are no Secrets without Kubernetes/,
    ],
    [
      'an Artifact',
      manifest('Workload', 'spec: { components: [{ name: a, image: "artifact://b" }] }'),
      /there are no Artifacts without Kubernetes/,
    ],
    [
      'too many aliases',
      `a: &a [x,x]\nb: &b [${'*a,'.repeat(60)}]\nc: [${'*b,'.repeat(60)}]\nkind: Workload`,
      /is not YAML/,
    ],
  ])('a manifest with %s is refused in one line', async (what, text, says) => {
    if (text !== '') await lattice.folder.write('bad.yaml', text);
    const file = what === 'a missing file' ? 'missing.yaml' : 'bad.yaml';
    const { code, stderr } = await lattice.run('workload', 'start', '-f', file);
    expect(lines(stderr)).toEqual([expect.stringMatching(says)]);
    expect(code).toBe(1);
  });

  test.each(['hosts', 'workload status x', 'workload stop x', 'workload start x'])(
    'lodge %s ends with one line where NATS is not there, or refuses the login',
    async (command) => {
      const url = (login: string, port: number) => ({ LODGE_SCHEDULER_NATS_URL: `nats://${login}@127.0.0.1:${port}` });
      const absent = await runLodge(command.split(' '), { env: url('joe:s3cret', 1) });
      expect(lines(absent.stderr)).toEqual([
        expect.stringMatching(/the NATS of the scheduler at 127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)/),
      ]);
      const refused = await runLodge(command.split(' '), { env: url('joe:s3cret', lattice.nats.port) });
      expect(lines(refused.stderr)).toEqual([expect.stringMatching(/refuses the login/)]);
      expect(absent.stderr + refused.stderr).not.toContain('s3cret');
      expect([absent.code, refused.code]).toEqual([1, 1]);
    },
  );
});

describe('a group of commands', () => {
  test('lists its members with --help, and wants one of them', async () => {
    const help = await runLodge(['workload', '--help']);
    expect(help.code).toBe(0);
    for (const name of ['start', 'status', 'stop'])
      expect(help.stdout).toMatch(new RegExp(`^  workload ${name} `, 'm'));
    const missing = await runLodge(['workload', '--scheduler-nats-url', 'nats://joe:s3cret@host']);
    expect(missing).toMatchObject({ code: 2, stdout: '' });
    expect(missing.stderr).toBe(
      'lodge: lodge workload needs to know what to do; right after it comes start, status, or stop.\n',
    );
  });
});
