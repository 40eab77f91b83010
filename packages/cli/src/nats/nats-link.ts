import { setTimeout as pause } from 'node:timers/promises';
import { HostError, type Logger } from '@lodge/core';
import { describeServers, type NatsOptions, toConnectionOptions } from '@lodge-internal/nats';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { connectProblem, reasonOf } from './connect-problem.js';

/** A connection to NATS, and whether it stands. */
export interface NatsLink {
  readonly connection: NatsConnection;
  /** What it is to, for messages. */
  readonly role: string;
  readonly isConnected: boolean;
  /** Settles when the connection is closed. It never closes by itself while trying again can help. */
  readonly closed: Promise<void>;
  /** Sends what waits, for at most a second, and closes. */
  close(): Promise<void>;
}

/** What a {@link NatsLink} is made from. */
export interface NatsLinkOptions {
  readonly nats: NatsOptions;
  /** What the connection is to, for messages: `the NATS of the scheduler`. */
  readonly role: string;
  /** What the server lists the connection as. */
  readonly clientName: string;
  readonly logger: Logger;
}

/** How long {@link openNatsLinkPatiently} goes on. */
export interface Patience {
  /** Gives up, with the reason of the signal. */
  readonly signal: AbortSignal;
  /** Milliseconds. Unset: for ever. */
  readonly timeoutMs?: number | undefined;
  /** Called once, when the first attempt has failed. */
  onWait(message: string): void;
}

/** Milliseconds between two pings: with two of them unanswered the connection counts as broken. */
const pingMs = 10_000;
const firstWaitMs = 250;
const longestWaitMs = 5_000;
const closeMs = 1_000;

/**
 * Connects once.
 *
 * @throws HostError `ERR_CONFIG_INVALID` when the server cannot be reached or refuses the login.
 */
export async function openNatsLink(options: NatsLinkOptions): Promise<NatsLink> {
  try {
    return await attempt(options);
  } catch (error) {
    throw refusal(error, options);
  }
}

/**
 * Connects, and where nobody answers tries again: at first soon, then every 5 seconds.
 *
 * @throws HostError `ERR_CONFIG_INVALID` when the server refuses the login, or the patience is over.
 */
export async function openNatsLinkPatiently(options: NatsLinkOptions, patience: Patience): Promise<NatsLink> {
  const { role, logger } = options;
  const giveUpAt = performance.now() + (patience.timeoutMs ?? Number.POSITIVE_INFINITY);
  for (let round = 0; ; round++) {
    patience.signal.throwIfAborted();
    try {
      return await attempt(options);
    } catch (error) {
      const leftMs = giveUpAt - performance.now();
      if (connectProblem(error).isFinal || leftMs <= 0) throw refusal(error, options);
      const message = `${role} at ${describeServers(options.nats)} does not answer (${reasonOf(error)}); trying again`;
      if (round === 0) patience.onWait(message);
      else logger.log('debug', message, { attempt: round + 1 });
      const waitMs = Math.min(firstWaitMs * 2 ** round, longestWaitMs, leftMs);
      // Hosts that lost one server together come back apart.
      await pause(waitMs * (0.75 + Math.random() / 4), undefined, { signal: patience.signal });
    }
  }
}

async function attempt({ nats, role, clientName, logger }: NatsLinkOptions): Promise<NatsLink> {
  const connection = await connect({ ...toConnectionOptions(nats, clientName), pingInterval: pingMs });
  const address = describeServers(nats);
  let isConnected = true;
  let isRefusalTold = false;
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        isConnected = false;
        logger.log('warn', `the connection to ${role} broke; trying to reconnect`, { servers: address });
      } else if (status.type === 'reconnect') {
        isConnected = true;
        isRefusalTold = false;
        logger.log('info', `connected to ${role} again`, { servers: address });
      } else if (status.type === 'error' && !isConnected && !isRefusalTold && connectProblem(status.error).isFinal) {
        // Credentials may be renewed while it tries: their file is read each time.
        isRefusalTold = true;
        logger.log('error', `${role} ${connectProblem(status.error).text} Trying again`, { servers: address });
      }
    }
  })();
  logger.log('info', `connected to ${role}`, { servers: address });
  return {
    connection,
    role,
    get isConnected() {
      return isConnected && !connection.isClosed();
    },
    closed: connection.closed().then(() => undefined),
    async close() {
      if (isConnected) await Promise.race([connection.flush().catch(() => {}), pause(closeMs)]);
      await connection.close();
    },
  };
}

function refusal(error: unknown, { role, nats }: NatsLinkOptions): unknown {
  // Options that are wrong have said so themselves.
  if (HostError.is(error)) return error;
  const message = `${role} at ${describeServers(nats)} ${connectProblem(error).text}`;
  return new HostError('ERR_CONFIG_INVALID', message, { cause: error });
}
