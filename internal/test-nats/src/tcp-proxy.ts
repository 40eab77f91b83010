import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { randomPort } from './ports.js';

/** A relay on a loopback port that can behave like a bad network. */
export interface TcpProxy {
  readonly port: number;
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** Connections that are open through it. */
  readonly connections: number;
  /** Ends all connections and refuses new ones until {@link TcpProxy.restore}. */
  cut(): Promise<void>;
  /** Refuses new connections until {@link TcpProxy.restore}; open ones go on. */
  refuse(): Promise<void>;
  /** Holds back every byte, both ways, on open connections and new ones, until {@link TcpProxy.restore}. */
  stall(): void;
  /** Lets every piece of data arrive this many milliseconds later, in order. 0: at once. */
  delay(milliseconds: number): void;
  /** Ends whatever {@link TcpProxy.cut}, `refuse`, `stall` and `delay` began. */
  restore(): Promise<void>;
  /** Ends all connections and stops listening. */
  stop(): Promise<void>;
}

/** Starts a proxy in front of a port of this machine. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const relay = new Relay(targetPort);
  let server: Server | undefined = await listenAnywhere(relay);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const { port } = address;
  const refuse = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    // Closed at once for newcomers; its callback waits for the open connections, which is not wanted here.
    closing?.close();
  };
  return {
    port,
    address: `127.0.0.1:${port}`,
    get connections() {
      return relay.connections;
    },
    async cut() {
      await refuse();
      relay.endAll();
    },
    refuse,
    stall: () => relay.stall(),
    delay: (milliseconds) => relay.delay(milliseconds),
    async restore() {
      relay.restore();
      server ??= await listen(relay, port);
    },
    async stop() {
      await refuse();
      relay.restore();
      relay.endAll();
    },
  };
}

/** Moves data between pairs of sockets. */
class Relay {
  readonly #targetPort: number;
  readonly #sockets = new Set<Socket>();
  #delayMs = 0;
  #gate: PromiseWithResolvers<void> | undefined;

  constructor(targetPort: number) {
    this.#targetPort = targetPort;
  }

  get connections(): number {
    return this.#sockets.size / 2;
  }

  accept(client: Socket): void {
    const target = connect(this.#targetPort, '127.0.0.1');
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      from.setNoDelay(true);
      this.#sockets.add(from);
      from.on('error', () => {});
      from.once('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      this.#pump(from, to).catch(() => to.destroy());
    }
  }

  stall(): void {
    this.#gate ??= Promise.withResolvers();
  }

  delay(milliseconds: number): void {
    this.#delayMs = milliseconds;
  }

  restore(): void {
    this.#delayMs = 0;
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  endAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #pump(from: Socket, to: Socket): Promise<void> {
    let order = Promise.resolve();
    for await (const chunk of from) {
      // Chunks wait side by side, so that a delay is a delay and not a slower line.
      const ripe = this.#delayMs > 0 ? wait(this.#delayMs) : undefined;
      const before = order;
      const sent = (async () => {
        await before;
        await ripe;
        await this.#gate?.promise;
        if (to.destroyed || to.write(chunk)) return;
        await new Promise<void>((resolve) => {
          to.once('drain', resolve);
          to.once('close', resolve);
        });
      })();
      order = sent;
      if (ripe === undefined) await sent;
    }
    await order;
    to.end();
  }
}

async function listenAnywhere(relay: Relay): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await listen(relay, randomPort());
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
}

function listen(relay: Relay, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => relay.accept(socket));
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
