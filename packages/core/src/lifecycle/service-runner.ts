import { GuestExit, HostError, WitError } from '../errors.js';
import { toFailureInfo } from '../failure.js';
import type { ServiceEndEvent } from '../host.js';
import type { InstanceSource } from '../instances/instance-source.js';
import { findRunInterface } from '../linking/run-interface.js';
import type { ComponentShape } from '../shape.js';
import { BoundExport } from './export-handle.js';
import { delay } from './patience.js';

const restartStepMs = 200;
const maxRestartDelayMs = 5_000;

/** What a service is run with. */
export interface ServiceRunnerOptions {
  /** With a call registry of its own: nobody waits for a service to drain. */
  readonly source: InstanceSource;
  readonly shape: ComponentShape;
  readonly maxRestarts: number;
  /** Before each restart. */
  onRestart(attempt: number, delayMs: number, reason: string): void;
  /** Once, unless it is stopped. */
  onEnd(end: Omit<ServiceEndEvent, 'workloadId'>): void;
}

/**
 * Runs `run` of a service, once per instance, until it completes, has used up its restarts, or is stopped. Every restart gets a
 * new instance, after a delay that grows by 200 ms each time up to 5 s.
 */
export class ServiceRunner {
  readonly #options: ServiceRunnerOptions;
  readonly #run: BoundExport;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  /** @throws HostError as {@link findRunInterface}. */
  constructor(options: ServiceRunnerOptions) {
    this.#options = options;
    this.#run = new BoundExport(options.source, findRunInterface(options.shape).externName, 'run');
  }

  start(): void {
    this.#running = this.#loop();
  }

  /** Ends the service at once; resolves when its instance has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#options.source.registry.close();
    this.#options.source.registry.interruptAll();
    await this.#running;
  }

  async #loop(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const end = await this.#runOnce();
      if (this.#stop.signal.aborted) return;
      if (end.error === undefined || attempt > this.#options.maxRestarts) {
        this.#options.onEnd(end);
        return;
      }
      const delayMs = Math.min(restartStepMs * attempt, maxRestartDelayMs);
      this.#options.onRestart(attempt, delayMs, end.error.message);
      await delay(delayMs, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
    }
  }

  async #runOnce(): Promise<Omit<ServiceEndEvent, 'workloadId'>> {
    try {
      await this.#run.call({ args: () => [], deadlineMs: Number.POSITIVE_INFINITY });
      return { exitCode: 0 };
    } catch (error) {
      if (GuestExit.is(error)) return describeExit(error.exitCode);
      if (WitError.is(error)) return describeExit(1);
      return { error: toFailureInfo(error) };
    }
  }
}

function describeExit(exitCode: number): Omit<ServiceEndEvent, 'workloadId'> {
  if (exitCode === 0) return { exitCode };
  const error = new HostError('ERR_SERVICE_FAILED', `the service ended with exit code ${exitCode}`, {
    details: { exitCode },
  });
  return { exitCode, error: toFailureInfo(error) };
}
