import { type Host, HostError, type Logger } from '@lodge/core';
import { hostHeartbeat } from '../messages/host-heartbeat.js';
import {
  type WorkloadStartRequest,
  workloadStartRequest,
  workloadStatusRequest,
  workloadStopRequest,
} from '../messages/workload-service.js';
import { encodeMessage, parseJson } from '../protojson/codec.js';
import type { HostCommand } from '../subjects.js';
import { toHeartbeat } from './heartbeat.js';
import { describeInvalidHosts } from './invalid-hosts.js';
import type { StartGate } from './start-gate.js';
import { encodeStatus, maxIdLength, type StatusFacts } from './status-reply.js';
import { describeUnsupported } from './unsupported.js';
import { toWorkloadSpec } from './workload-spec.js';

/** What {@link HostCommands} work with. */
export interface HostCommandsOptions {
  readonly host: Host;
  readonly gate: StartGate;
  readonly hostGroup: string;
  readonly maxRequestBytes: number;
  /** Bytes that an answer may have now. */
  readonly maxReplyBytes: () => number;
  readonly logger: Logger;
}

/** Does what requests ask for. Nothing here waits for anything else that is asked: only an answer waits for its own work. */
export class HostCommands {
  readonly #options: HostCommandsOptions;
  #isClosing = false;

  constructor(options: HostCommandsOptions) {
    this.#options = options;
  }

  /** The answer to a request. Begins at once, so that starts of one id happen in the order of arrival. Never throws, never rejects. */
  answer(command: string, data: Uint8Array): Uint8Array | Promise<Uint8Array> {
    // Known as soon as the request can be read, so that a refusal names it too.
    const request = { id: '' };
    try {
      const answer = this.#run(command, data, request);
      if (answer instanceof Uint8Array) return answer;
      if (!(answer instanceof Promise)) return this.#encode(answer);
      return answer.then(
        (status) => this.#encode(status),
        (error: unknown) => this.#refuse(command, request.id, error),
      );
    } catch (error) {
      return this.#refuse(command, request.id, error);
    }
  }

  /** From now on starts are refused. Status, stop and heartbeat are answered as before. */
  close(): void {
    this.#isClosing = true;
  }

  #run(command: string, data: Uint8Array, request: { id: string }): Uint8Array | StatusFacts | Promise<StatusFacts> {
    const { host, hostGroup } = this.#options;
    switch (command as HostCommand) {
      case 'heartbeat':
        return encodeMessage(hostHeartbeat, toHeartbeat(host, hostGroup));
      case 'workload.start':
        return this.#start(workloadStartRequest.read(this.#parse(data, request), ''), data.length);
      case 'workload.status': {
        const { workloadId } = workloadStatusRequest.read(this.#parse(data, request), '');
        return host.workloadStatus(checkId(workloadId));
      }
      case 'workload.stop': {
        const { workloadId } = workloadStopRequest.read(this.#parse(data, request), '');
        return host.workloadStop(checkId(workloadId));
      }
      default:
        throw invalid(`unknown command: ${command.slice(0, 100)}`);
    }
  }

  #start({ workload, workloadId }: WorkloadStartRequest, bytes: number): Promise<StatusFacts> {
    if (workload === undefined) throw invalid('workload is required');
    const { host, gate } = this.#options;
    // What has the id already is what such a start hears of first; the host says so.
    if (host.workloadStatus(checkId(workloadId)).state === 'not-found') {
      if (this.#isClosing) throw new HostError('ERR_HOST_STATE', 'the host is leaving and starts nothing any more');
      const problem = describeUnsupported(workload) ?? describeInvalidHosts(workload);
      if (problem !== undefined) throw new HostError('ERR_SPEC_INVALID', problem);
    }
    const ticket = gate.admit(bytes);
    if (ticket === undefined) {
      throw new HostError('ERR_LIMIT_EXCEEDED', `${gate.pending} starts are pending on this host; try again later`);
    }
    const spec = toWorkloadSpec(workload);
    return host.workloadStart({ workloadId, workload: spec }, { turn: ticket.turn }).finally(ticket.release);
  }

  #parse(data: Uint8Array, request: { id: string }): unknown {
    const parsed = parseJson(data, { maxBytes: this.#options.maxRequestBytes });
    request.id = findId(parsed);
    return parsed;
  }

  #refuse(command: string, workloadId: string, error: unknown): Uint8Array {
    const { logger } = this.#options;
    const message = error instanceof Error ? error.message : String(error);
    logger.log('warn', 'a request was refused', { command: command.slice(0, 100), workload: workloadId, message });
    return this.#encode({ workloadId, state: 'error', message });
  }

  #encode(status: StatusFacts): Uint8Array {
    return encodeStatus(status, this.#options.maxReplyBytes());
  }
}

function checkId(workloadId: string): string {
  if (workloadId === '') throw invalid('workload_id is required');
  if (workloadId.length <= maxIdLength) return workloadId;
  throw invalid(`workload_id has ${workloadId.length} characters; at most ${maxIdLength} are allowed`);
}

/** The id in a request whose other fields may be wrong. */
function findId(request: unknown): string {
  if (typeof request !== 'object' || request === null) return '';
  const { workloadId, workload_id: snakeCase } = request as Readonly<Record<string, unknown>>;
  const id = workloadId ?? snakeCase;
  return typeof id === 'string' ? id.slice(0, maxIdLength) : '';
}

function invalid(message: string): HostError {
  return new HostError('ERR_MESSAGE_INVALID', message);
}
