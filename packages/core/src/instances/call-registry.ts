import { HostError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { Telemetry } from '../telemetry.js';
import type { WorkloadInfo } from '../workload.js';
import type { Call } from './call.js';
import type { Deadlines } from './deadlines.js';
import type { Releases } from './releases.js';

/** What calls of one workload share. */
export interface CallRegistryOptions {
  readonly workload: WorkloadInfo;
  readonly deadlines: Deadlines;
  readonly telemetry: Telemetry;
  readonly releases: Releases;
  readonly logger: Logger;
}

/** The running calls of one workload. */
export class CallRegistry {
  readonly workload: WorkloadInfo;
  readonly deadlines: Deadlines;
  readonly telemetry: Telemetry;
  readonly releases: Releases;
  readonly logger: Logger;
  /** In no order. An array, each call knowing its place: a set would allocate as calls come and go. */
  readonly #calls: Call[] = [];
  #isOpen = true;
  #drained: (() => void) | undefined;

  constructor(options: CallRegistryOptions) {
    this.workload = options.workload;
    this.deadlines = options.deadlines;
    this.telemetry = options.telemetry;
    this.releases = options.releases;
    this.logger = options.logger;
  }

  /** Whether new calls are taken. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get runningCount(): number {
    return this.#calls.length;
  }

  add(call: Call): void {
    call.registryIndex = this.#calls.push(call) - 1;
  }

  remove(call: Call): void {
    const last = this.#calls.pop();
    if (last !== undefined && last !== call) {
      this.#calls[call.registryIndex] = last;
      last.registryIndex = call.registryIndex;
    }
    if (this.#calls.length === 0) this.#drained?.();
  }

  /** Takes no new calls from now on. */
  close(): void {
    this.#isOpen = false;
  }

  /** Resolves when no call is running, at the latest when `signal` aborts. */
  drained(signal: AbortSignal): Promise<void> {
    if (this.#calls.length === 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Ends every running call with `ERR_WORKLOAD_STOPPED`. */
  interruptAll(): void {
    for (const call of [...this.#calls]) call.fail(this.stoppedError());
  }

  stoppedError(): HostError {
    return new HostError(
      'ERR_WORKLOAD_STOPPED',
      `workload ${this.workload.id} has stopped or is stopping; it takes no calls`,
    );
  }
}
