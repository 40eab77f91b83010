import { HostError } from '../errors.js';
import { toFailureInfo } from '../failure.js';
import type { ServiceEndEvent, StartOptions, StopOptions, WorkloadStartRequest } from '../host.js';
import type { EventListeners } from '../host-events.js';
import type { ComponentLoader } from '../loader.js';
import { parseWorkloadSpec } from '../spec/workload-spec.js';
import type { WorkloadInfo, WorkloadSpec, WorkloadStatus } from '../workload.js';
import { planComponents } from './component-info.js';
import { loadComponents } from './load.js';
import { orAbort } from './patience.js';
import { startWorkload, type WorkloadContext } from './start-workload.js';
import { describeSlot, reply, type WorkloadSlot } from './workload-slot.js';

const maxIdLength = 512;

/** What the table of workloads needs of its host. */
export interface WorkloadTableOptions extends WorkloadContext {
  readonly loader: ComponentLoader | undefined;
  readonly events: EventListeners;
}

/** All workloads of a host by id: their states, replies and reservations. */
export class WorkloadTable {
  readonly #options: WorkloadTableOptions;
  readonly #slots = new Map<string, WorkloadSlot>();

  constructor(options: WorkloadTableOptions) {
    this.#options = options;
  }

  /** Workloads in any state. */
  get size(): number {
    return this.#slots.size;
  }

  /** Components of running workloads, services not counted. */
  get runningComponentCount(): number {
    let count = 0;
    for (const slot of this.#slots.values()) {
      if (slot.state === 'running') count += slot.componentCount;
    }
    return count;
  }

  /** Never rejects. */
  start({ workloadId, workload }: WorkloadStartRequest, options: StartOptions = {}): Promise<WorkloadStatus> {
    const refusal = this.#refuse(workloadId);
    if (refusal !== undefined) return Promise.resolve(refused(String(workloadId).slice(0, maxIdLength), refusal));
    let spec: WorkloadSpec;
    try {
      spec = parseWorkloadSpec(workload);
    } catch (error) {
      return Promise.resolve(refused(workloadId, error));
    }
    const slot = this.#reserve(workloadId, spec);
    slot.starting = this.#run(slot, spec, options);
    return slot.starting;
  }

  status(workloadId: string): WorkloadStatus {
    const slot = this.#slots.get(workloadId);
    return slot === undefined
      ? reply(workloadId, 'not-found', `Workload not found: ${workloadId}`)
      : describeSlot(slot);
  }

  async stop(workloadId: string, options: StopOptions = {}): Promise<WorkloadStatus> {
    const slot = this.#slots.get(workloadId);
    if (slot === undefined) return reply(workloadId, 'not-found', 'Workload not found');
    if (slot.state === 'stopping') return describeSlot(slot);
    const wasStarting = slot.state === 'starting';
    this.#move(slot, 'stopping');
    if (wasStarting) {
      slot.stopOptions = options;
      slot.startAbort.abort(new HostError('ERR_CALL_ABORTED', 'the workload was stopped while starting'));
      return describeSlot(slot);
    }
    await slot.active?.release(options);
    this.#free(slot);
    return reply(workloadId, 'stopping', 'Workload stopped successfully');
  }

  /** Stops every workload at the same time; answers with what failed. */
  async stopAll(options: StopOptions): Promise<unknown[]> {
    const slots = [...this.#slots.values()];
    const failures = await Promise.all(
      slots.map(async (slot) => {
        await this.stop(slot.info.id, options);
        await slot.starting;
        return (await slot.active?.release(options)) ?? [];
      }),
    );
    return failures.flat();
  }

  #refuse(workloadId: unknown): HostError | undefined {
    if (typeof workloadId !== 'string' || workloadId === '' || workloadId.length > maxIdLength) {
      return new HostError('ERR_SPEC_INVALID', `a workload id has 1 to ${maxIdLength} characters`, {
        details: { path: 'workloadId' },
      });
    }
    if (!this.#slots.has(workloadId)) return undefined;
    // The spelling is that of the host API.
    const message = `Workload ID [${workloadId}] already exists (the exising workload must be stopped to reuse the ID)`;
    return new HostError('ERR_WORKLOAD_EXISTS', message);
  }

  #reserve(id: string, spec: WorkloadSpec): WorkloadSlot {
    const { namespace, name, annotations = Object.freeze(Object.create(null)) } = spec;
    const info: WorkloadInfo = Object.freeze({ id, namespace, name, annotations });
    const slot: WorkloadSlot = {
      info,
      componentCount: spec.components?.length ?? 0,
      startAbort: new AbortController(),
      state: 'starting',
      stopOptions: {},
      error: undefined,
      active: undefined,
      starting: undefined,
    };
    this.#slots.set(id, slot);
    this.#emit(slot);
    return slot;
  }

  async #run(slot: WorkloadSlot, spec: WorkloadSpec, { turn }: StartOptions): Promise<WorkloadStatus> {
    const { info, startAbort } = slot;
    const { signal } = startAbort;
    const { telemetry, loader, events, logger } = this.#options;
    let isLoaded = false;
    try {
      await telemetry.workloadStart(info, async () => {
        if (turn !== undefined) await orAbort(turn(signal), signal);
        const loaded = await loadComponents(planComponents(info, spec), loader, signal);
        isLoaded = true;
        const onFail = (reason: Error): void => this.#fail(slot, reason);
        const onServiceEnd = (end: Omit<ServiceEndEvent, 'workloadId'>): void => this.#serviceEnded(slot, end);
        const emit = events.emit.bind(events);
        const stopOptions = (): StopOptions => slot.stopOptions;
        const request = { info, spec, loaded, signal, stopOptions, onFail, onServiceEnd, emit };
        slot.active = await startWorkload(request, this.#options);
      });
    } catch (error) {
      if (slot.state === 'stopping') return this.#stoppedWhileStarting(slot);
      logger.log('error', 'a workload failed to start', { workload: info.id, error });
      if (!isLoaded) {
        this.#free(slot);
        return refused(info.id, error);
      }
      slot.error = toFailureInfo(error);
      this.#move(slot, 'error');
      return reply(info.id, 'error', slot.error.message, slot.error);
    }
    if (slot.state === 'stopping') {
      await slot.active?.release(slot.stopOptions);
      return this.#stoppedWhileStarting(slot);
    }
    // A plugin may have failed it while it was told of it.
    if (slot.error !== undefined) {
      this.#failActive(slot);
      return reply(info.id, 'error', slot.error.message, slot.error);
    }
    this.#move(slot, 'running');
    slot.active?.service?.start();
    return reply(info.id, 'running', 'Workload started successfully');
  }

  #stoppedWhileStarting(slot: WorkloadSlot): WorkloadStatus {
    this.#free(slot);
    return reply(slot.info.id, 'stopping', 'Workload was stopped while starting');
  }

  #fail(slot: WorkloadSlot, reason: unknown): void {
    if (
      slot.error !== undefined ||
      (slot.state !== 'running' && slot.state !== 'starting' && slot.state !== 'completed')
    )
      return;
    slot.error = toFailureInfo(reason);
    // During a start the start itself sees to it, for only it knows what is to be released.
    if (slot.state !== 'starting') this.#failActive(slot);
  }

  #failActive(slot: WorkloadSlot): void {
    this.#options.logger.log('error', 'a workload failed', { workload: slot.info.id, reason: slot.error?.message });
    this.#move(slot, 'error');
    void slot.active?.release({ drainMs: 0 });
  }

  #serviceEnded(slot: WorkloadSlot, end: Omit<ServiceEndEvent, 'workloadId'>): void {
    this.#options.events.emit('service-end', { workloadId: slot.info.id, ...end });
    if (end.error !== undefined)
      this.#fail(slot, new HostError(end.error.code, end.error.message, { details: end.error.details }));
    else if (slot.state === 'running') this.#move(slot, 'completed');
  }

  #move(slot: WorkloadSlot, state: WorkloadSlot['state']): void {
    slot.state = state;
    this.#emit(slot);
  }

  #free(slot: WorkloadSlot): void {
    if (this.#slots.get(slot.info.id) !== slot) return;
    this.#slots.delete(slot.info.id);
    const { namespace, name, id } = slot.info;
    this.#options.events.emit('workload', { ...this.status(id), namespace, name });
  }

  #emit(slot: WorkloadSlot): void {
    const { namespace, name } = slot.info;
    this.#options.events.emit('workload', { ...describeSlot(slot), namespace, name });
  }
}

function refused(workloadId: string, error: unknown): WorkloadStatus {
  const info = toFailureInfo(error);
  return reply(workloadId, 'error', info.message, info);
}
