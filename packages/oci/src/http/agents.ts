import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { Agent, buildConnector } from 'undici';
import { maySendTo, type Zone, zoneOf } from './addresses.js';

/** Milliseconds for a connection to come about. */
const connectTimeoutMs = 10_000;
/** Connections to one server at a time: slow pulls should not be in the way of others. */
const maxConnections = 64;
/** Servers whose zone is remembered. */
const maxOrigins = 1024;

/** The error of a connection that a server must not send us to. */
export class AddressProhibited extends Error {
  override readonly name: string = 'AddressProhibited';
}

/** Connections to servers, pooled by where they may go. */
export class Agents {
  readonly #secureContext: SecureContext | undefined;
  readonly #agents: Map<Zone | 'anywhere', Agent> = new Map();
  readonly #zones: Map<string, Zone> = new Map();

  /** @param ca Certificates to trust beside the usual ones. */
  constructor(ca: readonly (string | Uint8Array)[]) {
    if (ca.length === 0) return;
    const extra = ca.map((certificate) => (typeof certificate === 'string' ? certificate : Buffer.from(certificate)));
    // One context for all connections: reading every authority anew takes longer than the handshake.
    this.#secureContext = createSecureContext({ ca: [...getCACertificates('default'), ...extra] });
  }

  /** @param from The zone of the server that sends us there; `anywhere` for what the user named. */
  agentFor(from: Zone | 'anywhere'): Agent {
    const existing = this.#agents.get(from);
    if (existing !== undefined) return existing;
    const agent = new Agent({
      allowH2: false,
      connections: maxConnections,
      // The deadline of the whole transfer governs.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: this.#connector(from),
    });
    this.#agents.set(from, agent);
    return agent;
  }

  /** Where the server of an origin was when we last connected to it. */
  zoneOf(origin: string): Zone {
    return this.#zones.get(origin) ?? 'public';
  }

  /** Ends all connections. */
  async destroy(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
  }

  #connector(from: Zone | 'anywhere'): buildConnector.connector {
    const connect = buildConnector({
      allowH2: false,
      timeout: connectTimeoutMs,
      ...(this.#secureContext !== undefined && { secureContext: this.#secureContext }),
      ...(from !== 'anywhere' && { lookup: guardedLookup(from) }),
    });
    return (options, callback) =>
      connect(options, (...[error, socket]) => {
        if (error !== null) {
          callback(error, null);
          return;
        }
        this.#remember(`${options.protocol}//${options.host ?? options.hostname}`, socket.remoteAddress);
        callback(null, socket);
      });
  }

  #remember(origin: string, address: string | undefined): void {
    if (address === undefined) return;
    this.#zones.delete(origin);
    this.#zones.set(origin, zoneOf(address));
    for (const [oldest] of this.#zones) {
      if (this.#zones.size <= maxOrigins) break;
      this.#zones.delete(oldest);
    }
  }
}

/** A resolver that answers only with addresses that a server in this zone may send us to. */
function guardedLookup(from: Zone): LookupFunction {
  return (hostname: string, options: LookupOptions, callback): void => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const allowed = addresses.filter(({ address }) => maySendTo(from, zoneOf(address)));
      const [first] = allowed;
      if (first === undefined) callback(new AddressProhibited(`${hostname} is at a prohibited address`), []);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
