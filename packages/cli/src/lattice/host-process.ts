import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { type Host, HostError, type Logger, type StopOptions } from '@lodge/core';
import { ociClient } from '@lodge/oci';
import { type ServedHost, serveHost } from '@lodge/scheduler-protocol';
import type { CommandContext } from '../command.js';
import { exitCode } from '../exit-code.js';
import { formatUrl } from '../format-url.js';
import { type NatsLink, openNatsLinkPatiently } from '../nats/nats-link.js';
import { readVersion } from '../version.js';
import { announceOnRequest } from './announce.js';
import { startHealthServer } from './health-server.js';
import type { HostSettings } from './host-settings.js';
import { imageLoader } from './image-loader.js';
import { createLatticeHost } from './lattice-host.js';
import { isHostApiExposed } from './separation.js';

/** What a host is made of, in the order in which it comes up; it goes down in the other one. */
export class HostProcess {
  readonly #settings: HostSettings;
  readonly #logger: Logger;
  readonly #context: CommandContext;
  readonly #parts = new AsyncDisposableStack();
  readonly #links: NatsLink[] = [];
  #leaving: Promise<void> | undefined;
  #isServed = false;
  #isStopping = false;
  #endAt = Number.POSITIVE_INFINITY;

  constructor(settings: HostSettings, logger: Logger, context: CommandContext) {
    this.#settings = settings;
    this.#logger = logger;
    this.#context = context;
  }

  /** Settles at the first signal, or with the reason when no scheduler can reach this host any more. */
  async serve(): Promise<Error | undefined> {
    const { shutdown } = this.#context;
    await this.#startHealth();
    const [scheduler, data] = await this.#connect();
    const { host, served } = await this.#join(scheduler, data);
    this.#isServed = true;
    announceOnRequest(scheduler.connection, host.id, this.#logger);
    void this.#checkSeparation(data, host.id);
    const reason = await Promise.race([shutdown.requested(), served.closed, data.closed.then(dataLost)]);
    if (shutdown.signal.aborted || reason === undefined) return undefined;
    const message = `Schedulers cannot reach this host any more: ${reason.message}`;
    return new HostError('ERR_HOST_UNREACHABLE', message, { cause: reason });
  }

  /** Takes no more commands, lets running calls end, and goes, all within the grace period. */
  async end(): Promise<void> {
    const { graceMs, drainDelayMs } = this.#settings;
    this.#isStopping = true;
    this.#endAt = performance.now() + graceMs;
    if (this.#isServed) this.#context.reporter.event('stopping', 'stopping');
    const timer = setTimeout(() => {
      this.#logger.log('error', 'the grace period is over, and not everything has ended', { graceMs });
      process.exit(exitCode.failure);
    }, graceMs);
    if (this.#context.shutdown.signal.aborted && this.#isServed) await pause(drainDelayMs);
    try {
      await this.#parts.disposeAsync();
    } finally {
      clearTimeout(timer);
    }
  }

  async #startHealth(): Promise<void> {
    const address = this.#settings.health;
    if (address === undefined) return;
    const health = await startHealthServer(address, { unreadiness: () => this.#unreadiness() });
    this.#parts.defer(() => health.close());
    this.#logger.log('info', 'health checks are answered', { url: formatUrl(health.address) });
  }

  #unreadiness(): string[] {
    const reasons = this.#links.filter((link) => !link.isConnected).map((link) => `${link.role} is not connected`);
    if (!this.#isServed) reasons.push('starting');
    if (this.#isStopping) reasons.push('stopping');
    return reasons;
  }

  async #connect(): Promise<[NatsLink, NatsLink]> {
    const { scheduler, data, natsConnectMs, hostname: name = hostname() } = this.#settings;
    const open = async (nats: HostSettings['data'], role: string): Promise<NatsLink> => {
      const patience = {
        signal: this.#context.shutdown.signal,
        timeoutMs: natsConnectMs,
        onWait: (message: string) => this.#logger.log('warn', message),
      };
      const link = await openNatsLinkPatiently(
        { nats, role, clientName: `lodge host ${name}`, logger: this.#logger },
        patience,
      );
      this.#parts.defer(() => link.close());
      this.#links.push(link);
      return link;
    };
    return [await open(scheduler, 'the NATS of the scheduler'), await open(data, 'the NATS of the components')];
  }

  async #join(scheduler: NatsLink, data: NatsLink): Promise<{ readonly host: Host; readonly served: ServedHost }> {
    const { registry, heartbeatIntervalMs, labels } = this.#settings;
    const logger = this.#logger;
    const images = ociClient({ ...registry, logger });
    this.#parts.defer(() => images.close());
    const loader = imageLoader(images);
    const version = await readVersion();
    const { host, http } = await createLatticeHost({
      settings: this.#settings,
      data: data.connection,
      loader,
      version,
      logger,
    });
    this.#parts.defer(async () => this.#leaving);
    this.#parts.defer(() => host.stop(stopOptions(this.#endAt - performance.now())));
    await host.start();
    if (http.address === undefined) logger.log('info', 'without --http-addr no workload is reached over HTTP');
    const served = await serveHost(host, scheduler.connection, { heartbeatIntervalMs, logger });
    this.#parts.defer(() => {
      // It ends once every start under way has been answered, which the stop of the host sees to.
      this.#leaving = served.close();
    });
    const url = http.address && formatUrl(http.address);
    const { id, friendlyName } = host;
    const where = url === undefined ? '' : `, workloads listen on ${url}`;
    const facts = { hostId: id, friendlyName, labels, ...(url !== undefined && { url }) };
    this.#context.reporter.event('joined', `host ${friendlyName} (${id}) has joined the lattice${where}`, facts);
    return { host, served };
  }

  async #checkSeparation(data: NatsLink, hostId: string): Promise<void> {
    if (!(await isHostApiExposed(data.connection, hostId)) || this.#isStopping) return;
    const message =
      'the data connection reaches the host API: whoever gets hold of its login can start workloads; use two NATS accounts';
    this.#logger.log('warn', message, { see: 'docs/joining-a-lattice.md' });
  }
}

function dataLost(): Error {
  return new Error('the connection to the NATS of the components has ended for good');
}

/** Two rounds of clean-up, of workloads and of plugins, have their share; running calls get the rest. */
function stopOptions(leftMs: number): StopOptions {
  const cleanupMs = Math.round(Math.min(4_000, Math.max(100, leftMs / 6)));
  const reserveMs = 2 * cleanupMs + Math.min(1_500, leftMs / 10);
  return { cleanupMs, drainMs: Math.max(0, Math.round(leftMs - reserveMs)) };
}
