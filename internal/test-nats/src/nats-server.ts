import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, type RunningProgram } from '@lodge-internal/test-program';
import { startProcess } from './nats-process.js';
import { randomPort } from './ports.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

/** Options of {@link startNatsServer}. */
export interface NatsServerOptions {
  /** More of the server's configuration, in its own format: `authorization { … }`, `max_payload: 4096`. */
  readonly config?: string;
  /** Inside of its `jetstream` block: `max_file_store: 1MB`. `false`: a server without JetStream. */
  readonly jetStream?: string | false;
}

/** A real `nats-server` on a random loopback port with a store of its own. */
export interface NatsServer extends AsyncDisposable {
  readonly port: number;
  /** `nats://127.0.0.1:<port>`. */
  readonly url: string;
  /** Where its store and configuration are. */
  readonly folder: string;
  readonly isRunning: boolean;
  /** Ends the process in order; its port and store wait for {@link NatsServer.start}. */
  stop(): Promise<void>;
  /** Ends the process at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port and store, with `config` in place of the earlier one where given. Nothing if it runs. */
  start(config?: string): Promise<void>;
  /** {@link NatsServer.stop}, then {@link NatsServer.start}. */
  restart(config?: string): Promise<void>;
  /** A new relay in front of the server, stopped with it. */
  proxy(): Promise<TcpProxy>;
  /** Ends the process and removes its files. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a server and returns when it takes connections. It dies with the process that started it.
 *
 * @throws Error with the server's own words when the configuration is wrong
 */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const { jetStream = '' } = options;
  const program = findProgram('nats-server');
  const folder = await mkdtemp(join(tmpdir(), 'lodge-nats-'));
  const configFile = join(folder, 'nats.conf');
  const serverName = `test-${randomUUID()}`;
  const proxies: TcpProxy[] = [];
  let extra = options.config ?? '';
  let port = randomPort();
  let running: RunningProgram<true> | undefined;

  async function start(): Promise<void> {
    const store = jetStream === false ? '' : `jetstream { store_dir: ${JSON.stringify(folder)}\n${jetStream}\n}`;
    await writeFile(configFile, `listen: "127.0.0.1:${port}"\nserver_name: ${serverName}\n${store}\n${extra}\n`);
    const started = await startProcess({ program, configFile, folder, port, serverName });
    running = started;
    started.ended.then(() => {
      if (running === started) running = undefined;
    });
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ending = running;
    if (ending === undefined) return;
    process.kill(ending.pid, signal);
    await ending.ended;
    running = undefined;
  }

  async function dispose(): Promise<void> {
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    await end('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }

  try {
    await startSomewhere(start, () => {
      port = randomPort();
    });
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    port,
    folder,
    url: `nats://127.0.0.1:${port}`,
    get isRunning() {
      return running !== undefined;
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async start(config = extra) {
      extra = config;
      if (running === undefined) await start();
    },
    async restart(config = extra) {
      extra = config;
      await end('SIGTERM');
      await start();
    },
    async proxy() {
      const proxy = await startTcpProxy(port);
      proxies.push(proxy);
      return proxy;
    },
    [Symbol.asyncDispose]: dispose,
  };
}

/** A random port may be taken; a wrong configuration is wrong on every port. */
async function startSomewhere(start: () => Promise<void>, tryNextPort: () => void): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      const isTaken = error instanceof Error && /in use|belongs to/.test(error.message);
      if (!isTaken || attempt === 20) throw error;
      tryNextPort();
    }
  }
}
