import type { WorkloadInfo } from '@lodge/core';
import type { ReceivedResponse } from '../wit/incoming-response.js';

/** How outgoing requests leave the host. */
export interface HttpEgress {
  /** A client for one workload. Called once per workload; nothing is opened before the first request. */
  connect(workload: WorkloadInfo): EgressClient;
}

/** Sends the requests of one workload; nothing of it is shared with another. */
export interface EgressClient {
  /** Sends a request that the workload's policy allows. Never throws. */
  send(request: EgressRequest): EgressCall;
  /** Ends everything at once. Idempotent. */
  close(): Promise<void>;
}

/** A request on its way. */
export interface EgressCall {
  /** Rejects with an `HttpFailure`. */
  readonly response: Promise<ReceivedResponse>;
  /** The guest wants it no more. Idempotent. */
  abort(): void;
}

/** A request to send. */
export interface EgressRequest {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** In lower case, without port; an IPv6 address has its brackets. */
  readonly host: string;
  /** As the guest gave it; unset: that of the scheme. */
  readonly port: number | undefined;
  /** Path and query. */
  readonly path: string;
  /** Name, value, name, value. */
  readonly rawHeaders: readonly string[];
  /** A whole body, or one that arrives bit by bit. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  readonly timeouts: EgressTimeouts;
  /** Whether the policy names this very host, so that it may be one of this machine. See `AllowedHosts`. */
  readonly isNamed: boolean;
}

/** Milliseconds. */
export interface EgressTimeouts {
  readonly connectMs: number;
  readonly firstByteMs: number;
  readonly betweenBytesMs: number;
}
