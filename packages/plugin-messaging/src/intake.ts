import { type ExportHandle, HostError, type InterfaceRequest, type Logger, type ResolvedWorkload } from '@lodge/core';
import type { Admission, Lane } from './admission.js';
import type { Subscription } from './backend.js';
import type { Channel } from './channels.js';
import { type HandlerConfig, parseHandlerConfig } from './config/handler-config.js';
import { Receiver } from './receiver.js';
import type { ShedCounter } from './shed-counter.js';

/** What an {@link Intake} works with. */
export interface IntakeOptions {
  readonly admission: Admission;
  /** The ceiling of each component. */
  readonly maxInFlight: number;
  readonly deliverTimeoutMs: number;
  readonly sheds: ShedCounter;
  readonly logger: Logger;
}

/** One handler of a workload, before it can be called. */
export interface PlannedHandler {
  readonly request: InterfaceRequest;
  readonly config: HandlerConfig;
}

/** What one workload receives. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #planned: PlannedHandler[] = [];
  readonly #receivers: Receiver[] = [];
  readonly #subscriptions: Subscription[] = [];
  readonly #lanes: Lane[] = [];
  #isStopped = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** @throws HostError `ERR_CONFIG_INVALID` with the path of the key */
  plan(request: InterfaceRequest): void {
    const { maxInFlight, logger } = this.#options;
    const config = parseHandlerConfig(request.component, request, { maxInFlight, logger });
    this.#planned.push({ request, config });
  }

  /** Settles when the brokers know of all subscriptions. After a failure {@link stop} must be called. */
  async subscribe(
    workload: ResolvedWorkload,
    handlers: readonly ExportHandle[],
    channelOf: (request: InterfaceRequest) => Channel,
    signal: AbortSignal,
  ): Promise<void> {
    // The host takes no new calls from then on, so messages go to other replicas, if there are any.
    workload.signal.addEventListener('abort', () => this.stop(), { once: true });
    if (workload.signal.aborted) this.stop();
    for (const { request, config } of this.#planned) {
      const handler = handlers.find(({ component }) => component === request.component);
      if (handler === undefined || config.subjects.length === 0 || this.#isStopped) continue;
      await this.#subscribe(workload, handler, config, channelOf(request), signal);
    }
  }

  /** Takes no more messages. Idempotent. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (const subscription of this.#subscriptions) subscription.stop();
    for (const receiver of this.#receivers) receiver.stop();
    for (const lane of this.#lanes) lane.close();
  }

  async #subscribe(
    workload: ResolvedWorkload,
    handler: ExportHandle,
    config: HandlerConfig,
    { session, grants }: Channel,
    signal: AbortSignal,
  ): Promise<void> {
    const { admission, deliverTimeoutMs, sheds, logger } = this.#options;
    const { component } = handler;
    const { subjects, group, maxInFlight, admissionWaitMs } = config;
    const key = JSON.stringify([workload.namespace, workload.name, component.name]);
    const lane = admission.open({ key, maxInFlight });
    this.#lanes.push(lane);
    const receiver = new Receiver({
      handler,
      lane,
      subjects,
      admissionWaitMs,
      deliverTimeoutMs,
      grants,
      sheds,
      logger,
    });
    this.#receivers.push(receiver);
    const subscription = await session.subscribe(
      {
        subjects,
        group,
        maxInFlight,
        receive: (message) => receiver.receive(message),
        onLost: (reason) => workload.fail(lostError(component.name, reason)),
      },
      { signal },
    );
    this.#subscriptions.push(subscription);
    if (this.#isStopped) subscription.stop();
    logger.log('debug', 'subscribed', { workload: workload.id, component: component.name, subjects, group });
  }
}

function lostError(component: string, cause: Error): HostError {
  const message = `component '${component}' gets no more messages: ${cause.message}`;
  return new HostError('ERR_PLUGIN_FAILED', message, { cause, details: { component } });
}
