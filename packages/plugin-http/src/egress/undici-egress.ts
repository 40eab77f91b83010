import { Agent, buildConnector, type Dispatcher } from 'undici';
import { toErrorCode } from '../errors.js';
import type { HttpLimits } from '../limits.js';
import { AddressGuard, AddressProhibited, literalAddress } from './addresses.js';
import type { EgressCall, EgressClient, EgressRequest, HttpEgress } from './egress.js';
import { UndiciCall } from './undici-call.js';

/** Options of {@link undiciEgress}. */
export interface UndiciEgressOptions {
  /** Connections of one workload to one origin. @default 128 */
  readonly maxConnections?: number;
  /** Whether every policy may reach loopback addresses, not only one that names them: for development. @default false */
  readonly allowsLoopback?: boolean;
  /** Certificates (PEM) that are trusted instead of those that come with Node. */
  readonly ca?: string;
  readonly limits: HttpLimits;
}

/** Outgoing HTTP/1.1 through undici: for each workload connections of its own, made when they are needed. */
export function undiciEgress(options: UndiciEgressOptions): HttpEgress {
  const guard = new AddressGuard();
  return { connect: () => new UndiciClient(options, guard) };
}

/** What a connection may lead to, beside what the policy names by its address. */
type Reach = 'public' | 'public-and-loopback' | 'named-address';

class UndiciClient implements EgressClient {
  readonly #options: UndiciEgressOptions;
  readonly #guard: AddressGuard;
  /** By what they may reach: a connection to this machine is never lent to a request that must not go there. */
  readonly #agents: Map<Reach, Agent> = new Map();
  #isClosed = false;

  constructor(options: UndiciEgressOptions, guard: AddressGuard) {
    this.#options = options;
    this.#guard = guard;
  }

  send(request: EgressRequest): EgressCall {
    const call = new UndiciCall({ limits: this.#options.limits, connectMs: request.timeouts.connectMs });
    if (this.#isClosed) call.abort();
    else {
      try {
        this.#agent(this.#reachOf(request)).dispatch(toDispatch(request), call);
      } catch (error) {
        call.fail(toErrorCode(error));
      }
    }
    return call;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const agents = [...this.#agents.values()];
    this.#agents.clear();
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  #reachOf({ host, isNamed }: EgressRequest): Reach {
    if (isNamed && literalAddress(host) !== undefined) return 'named-address';
    const isLocalName = isNamed && /(?:^|\.)localhost$/.test(host);
    return isLocalName || this.#options.allowsLoopback === true ? 'public-and-loopback' : 'public';
  }

  #agent(reach: Reach): Agent {
    let agent = this.#agents.get(reach);
    if (agent === undefined) {
      const { limits, maxConnections = 128 } = this.#options;
      agent = new Agent({
        connections: maxConnections,
        maxHeaderSize: limits.maxHeaderBytes,
        connect: this.#connector(reach),
      });
      this.#agents.set(reach, agent);
    }
    return agent;
  }

  /** Checks what a connection is really made to: names after they are resolved, addresses as they are. */
  #connector(reach: Reach): buildConnector.connector {
    const allowsLoopback = reach === 'public-and-loopback';
    const { ca } = this.#options;
    const connect = buildConnector({
      lookup: this.#guard.lookup(allowsLoopback),
      // Each request has its own, shorter one.
      timeout: maxTimeoutMs,
      allowH2: false,
      ...(ca === undefined ? {} : { ca }),
    });
    if (reach === 'named-address') return connect;
    return (options, callback) => {
      const address = literalAddress(options.hostname);
      if (address === undefined || this.#guard.mayReach(address, allowsLoopback)) connect(options, callback);
      else callback(new AddressProhibited(), null);
    };
  }
}

/** The longest a guest may wait for anything: as long as a call lasts by default. */
const maxTimeoutMs = 600_000;

function toDispatch(request: EgressRequest): Dispatcher.DispatchOptions {
  const port = request.port === undefined ? '' : `:${request.port}`;
  return {
    origin: `${request.scheme}://${request.host}${port}`,
    path: request.path,
    method: request.method as Dispatcher.HttpMethod,
    headers: [...request.rawHeaders],
    // undici's types do not know of the async iterables that it takes.
    body: (request.body ?? null) as Uint8Array | null,
    headersTimeout: request.timeouts.firstByteMs,
    bodyTimeout: request.timeouts.betweenBytesMs,
  };
}
