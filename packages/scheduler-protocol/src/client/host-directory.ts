import type { Logger } from '@lodge/core';
import { type HostHeartbeat, hostHeartbeat } from '../messages/host-heartbeat.js';
import { decodeMessage } from '../protojson/codec.js';
import { heartbeatSubject, isHostId } from '../subjects.js';
import { HostChanges } from './host-changes.js';

/** A host whose heartbeats are heard. */
export interface KnownHost {
  readonly hostId: string;
  /** The newest one. */
  readonly heartbeat: HostHeartbeat;
  /** When it came, by the clock here. */
  readonly lastSeen: Date;
}

/** Options of {@link HostDirectory}. */
export interface HostDirectoryOptions {
  /** Milliseconds without a heartbeat after which a host counts as gone. */
  readonly ttlMs: number;
  readonly maxHosts: number;
  readonly logger: Logger;
}

interface Entry {
  readonly host: KnownHost;
  /** By `performance.now()`, which no clock setting moves. */
  readonly expiresAt: number;
}

/** Bytes; one with hundreds of interfaces has a tenth of this. */
const maxHeartbeatBytes = 262_144;

/** The hosts that are there, as far as their heartbeats tell. */
export class HostDirectory {
  readonly #options: HostDirectoryOptions;
  /** In the order of their heartbeats, the oldest first. */
  readonly #entries = new Map<string, Entry>();
  readonly #readers = new Set<HostChanges>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #end: { readonly failure: Error | undefined } | undefined;

  constructor(options: HostDirectoryOptions) {
    this.#options = options;
  }

  /** In the order of their ids. */
  hosts(): readonly KnownHost[] {
    this.#expire();
    return [...this.#entries.values()].map(({ host }) => host).sort((a, b) => (a.hostId < b.hostId ? -1 : 1));
  }

  host(hostId: string): KnownHost | undefined {
    this.#expire();
    return this.#entries.get(hostId)?.host;
  }

  /** Begins with the hosts that are there, as `joined`. */
  changes(signal: AbortSignal | undefined): HostChanges {
    this.#expire();
    const end = (): void => reader.end();
    const reader = new HostChanges(() => {
      this.#readers.delete(reader);
      signal?.removeEventListener('abort', end);
    });
    if (this.#end !== undefined || signal?.aborted) {
      reader.end(this.#end?.failure);
      return reader;
    }
    this.#readers.add(reader);
    signal?.addEventListener('abort', end, { once: true });
    for (const { host } of this.#entries.values()) reader.push({ type: 'joined', host });
    return reader;
  }

  /** Takes a heartbeat in; what is none, or says that it is another host's, is logged and left out. */
  hear(subject: string, data: Uint8Array): void {
    const { ttlMs, maxHosts, logger } = this.#options;
    if (this.#end !== undefined) return;
    let heartbeat: HostHeartbeat;
    try {
      heartbeat = decodeMessage(hostHeartbeat, data, { maxBytes: maxHeartbeatBytes });
    } catch (error) {
      logger.log('warn', 'a heartbeat is malformed', { subject: subject.slice(0, 200), error });
      return;
    }
    const { id: hostId } = heartbeat;
    if (!isHostId(hostId) || subject !== heartbeatSubject(hostId)) {
      const id = hostId.slice(0, 200);
      logger.log('warn', 'a heartbeat has another id than its subject', { subject: subject.slice(0, 200), id });
      return;
    }
    const isKnown = this.#entries.delete(hostId);
    if (!isKnown && this.#entries.size >= maxHosts) {
      logger.log('warn', 'a host too many is left out', { id: hostId, maxHosts });
      return;
    }
    const host: KnownHost = { hostId, heartbeat, lastSeen: new Date() };
    this.#entries.set(hostId, { host, expiresAt: performance.now() + ttlMs });
    this.#tell({ type: isKnown ? 'updated' : 'joined', host });
    this.#timer ??= this.#expireLater();
  }

  /** Nothing is heard any more; readers end, with `failure` if there is one. */
  close(failure?: Error): void {
    if (this.#end !== undefined) return;
    this.#end = { failure };
    clearTimeout(this.#timer);
    this.#entries.clear();
    for (const reader of [...this.#readers]) reader.end(failure);
  }

  #expire(): void {
    const now = performance.now();
    for (const [hostId, { host, expiresAt }] of this.#entries) {
      if (expiresAt > now) break;
      this.#entries.delete(hostId);
      this.#tell({ type: 'left', host });
    }
  }

  /** One timer for the host that is silent the longest. Nothing waits for it, so it keeps no process alive. */
  #expireLater(): ReturnType<typeof setTimeout> | undefined {
    const [oldest] = this.#entries.values();
    if (oldest === undefined) return undefined;
    const timer = setTimeout(
      () => {
        this.#expire();
        this.#timer = this.#expireLater();
      },
      Math.max(1, oldest.expiresAt - performance.now()),
    );
    timer.unref();
    return timer;
  }

  #tell(change: Parameters<HostChanges['push']>[0]): void {
    for (const reader of this.#readers) reader.push(change);
  }
}
