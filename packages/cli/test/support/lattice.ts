import { randomUUID } from 'node:crypto';
import type { MessageInit, WorkloadStartRequest } from '@lodge/scheduler-protocol';
import { type NatsServer, startNatsServer, type TcpProxy } from '@lodge-internal/test-nats';
import { type Registry, startRegistry } from '@lodge-internal/test-registry';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { helloComponent } from './hello-component.js';
import { type LodgeProcess, lodge, runLodge } from './lodge.js';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.js';

/** Passwords that nothing may ever write. */
export const secrets = { scheduler: 'sch3duler-pass', data: 'd4ta-pass' } as const;

/** Two accounts: what the scheduler and the hosts say to each other, and what components do. */
const accounts = `accounts {
  SCHEDULING { users = [{ user: host, password: "${secrets.scheduler}" }] }
  COMPONENTS { jetstream: enabled, users = [{ user: guests, password: "${secrets.data}" }] }
}`;

/** One `lodge host`. */
export interface LatticeHost extends LodgeProcess {
  readonly hostId: string;
  readonly friendlyName: string;
  /** Where its workloads are served. */
  readonly url: string;
  /** Where its probes are answered. */
  readonly healthUrl: string;
}

/** How one is started. */
export interface LatticeHostOptions {
  /** Between it and the scheduler. */
  readonly proxy?: TcpProxy;
  readonly args?: readonly string[];
  /** @default '500ms' */
  readonly heartbeats?: string;
  /** Whether it keeps what it pulls, in a folder that it shares with the others. @default true */
  readonly cache?: boolean;
}

/** A NATS server with two accounts, a registry with one component, and what runs against them. */
export interface Lattice extends AsyncDisposable {
  readonly nats: NatsServer;
  readonly registry: Registry;
  /** The reference of a component that answers with `hello world`. */
  readonly image: string;
  readonly folder: TemporaryFolder;
  /** What `lodge` needs to log in to both accounts. */
  readonly env: Readonly<Record<string, string>>;
  /** A connection as a scheduler has it. */
  readonly connection: NatsConnection;
  /** Starts a host and waits until it has joined. */
  host(options?: LatticeHostOptions): Promise<LatticeHost>;
  /** Runs `lodge` against this lattice to its end. */
  run(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** All that the hosts and commands wrote so far. */
  output(): string;
}

/** Starts a lattice without hosts. */
export async function startLattice(): Promise<Lattice> {
  const started = new AsyncDisposableStack();
  const [nats, registry, folder] = await Promise.all([
    startNatsServer({ config: accounts }),
    startRegistry(),
    temporaryFolder({ 'hello.wasm': await helloComponent('hello world') }),
  ]);
  for (const part of [folder, registry, nats]) started.use(part);
  const hosts: LodgeProcess[] = [];
  const written: string[] = [];
  const image = `${registry.host}/hello:1`;
  const login = (port: number) => `nats://host:${secrets.scheduler}@127.0.0.1:${port}`;
  const env = {
    LODGE_SCHEDULER_NATS_URL: login(nats.port),
    LODGE_DATA_NATS_URL: nats.url,
    LODGE_DATA_NATS_USER: 'guests',
    LODGE_DATA_NATS_PASSWORD: secrets.data,
  };
  const lattice: Lattice = {
    nats,
    registry,
    image,
    folder,
    env,
    connection: await connect({
      servers: nats.url,
      user: 'host',
      pass: secrets.scheduler,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
    }),
    async host({ proxy, args = [], heartbeats = '500ms', cache = true } = {}) {
      const listening = ['--http-addr', '127.0.0.1:0', '--health-addr', '127.0.0.1:0'];
      const quick = ['--heartbeat-interval', heartbeats, '--allow-insecure-registries'];
      const started = lodge(
        ['host', ...listening, ...quick, ...(cache ? ['--oci-cache-dir', `${folder.path}/cache`] : []), ...args],
        {
          env: { ...env, ...(proxy && { LODGE_SCHEDULER_NATS_URL: login(proxy.port) }) },
        },
      );
      hosts.push(started);
      const joined = /host (\S+) \(([0-9a-f-]{36})\) has joined the lattice, workloads listen on (\S+)/;
      const [, friendlyName = '', hostId = '', url = ''] = await started.saw(joined);
      const [, healthUrl = ''] = await started.saw(/health checks are answered url="([^"]+)"/);
      return Object.assign(started, { hostId, friendlyName, url, healthUrl });
    },
    async run(...args) {
      const result = await runLodge(args, { cwd: folder.path, env });
      written.push(result.stdout, result.stderr);
      return result;
    },
    output: () => [...written, ...hosts.flatMap((host) => [host.stdout(), host.stderr()])].join('\n'),
    async [Symbol.asyncDispose]() {
      await Promise.all(hosts.map((host) => host[Symbol.asyncDispose]()));
      await lattice.connection.close();
      await started.disposeAsync();
    },
  };
  const { code, stderr } = await lattice.run('push', image, 'hello.wasm', '--insecure');
  if (code !== 0) throw new Error(`the component was not pushed: ${stderr}`);
  return lattice;
}

/** A workload that answers to one Host header. */
export function helloWorkload(
  image: string,
  host: string,
): MessageInit<WorkloadStartRequest> & { readonly workloadId: string } {
  return {
    workloadId: randomUUID(),
    workload: {
      namespace: 'default',
      name: 'hello',
      witWorld: {
        components: [{ name: 'hello', image }],
        hostInterfaces: [{ namespace: 'wasi', package: 'http', interfaces: ['incoming-handler'], config: { host } }],
      },
    },
  };
}
