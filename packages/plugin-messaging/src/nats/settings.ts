import { parseDuration } from '../config/duration.js';
import { quote, settingError } from '../config/settings.js';
import { isReserved, isSubject } from '../subjects.js';

/** How an entry uses NATS. */
export interface NatsSettings {
  /** Another server than the backend's own. */
  readonly url: string | undefined;
  /** Unset: core NATS, messages come at most once. */
  readonly jetStream: JetStreamSettings | undefined;
}

/** How an entry uses streams: messages come at least once. */
export interface JetStreamSettings {
  /** Unset: the one that has the subject. */
  readonly stream: string | undefined;
  /** Milliseconds until a message that nobody answers for goes to somebody else. */
  readonly ackWaitMs: number;
  /** How often a message is tried. */
  readonly maxDeliver: number;
  /** Milliseconds before the second try; each further one waits twice as long, at most 10 minutes. */
  readonly retryDelayMs: number;
  /** Where messages go whose last try has failed; unset: they are given up. */
  readonly deadLetter: string | undefined;
}

const jetStreamKeys = ['stream', 'ack_wait', 'max_deliver', 'retry_delay', 'dead_letter'] as const;

/** Every key of an entry that this backend reads. */
export const natsConfigKeys: readonly string[] = ['url', 'mode', ...jetStreamKeys];

/** @throws HostError `ERR_CONFIG_INVALID` with the path of the key */
export function parseNatsSettings(config: Readonly<Record<string, string>>, path: string): NatsSettings {
  const { url, mode = 'core' } = config;
  if (mode !== 'core' && mode !== 'jetstream') {
    throw settingError(`${path}.mode`, `is ${quote(mode)}; it must be 'core' or 'jetstream'`);
  }
  if (mode === 'core') {
    const misplaced = jetStreamKeys.find((key) => config[key] !== undefined);
    if (misplaced !== undefined) throw settingError(`${path}.${misplaced}`, "needs mode: 'jetstream' beside it");
    return { url, jetStream: undefined };
  }
  return { url, jetStream: parseJetStreamSettings(config, path) };
}

function parseJetStreamSettings(config: Readonly<Record<string, string>>, path: string): JetStreamSettings {
  const { stream, max_deliver: maxDeliver = '5', dead_letter: deadLetter } = config;
  if (stream !== undefined && !/^[^\s.*>/\\\p{Cc}]{1,255}$/u.test(stream)) {
    throw settingError(`${path}.stream`, `is ${quote(stream)}, which is no name of a stream`);
  }
  if (!/^[1-9]\d{0,5}$/.test(maxDeliver)) {
    throw settingError(`${path}.max_deliver`, `is ${quote(maxDeliver)}; it must be a number from 1 to 999999`);
  }
  if (deadLetter !== undefined && (!isSubject(deadLetter) || isReserved(deadLetter))) {
    throw settingError(`${path}.dead_letter`, `is ${quote(deadLetter)}, which is no subject that messages may go to`);
  }
  return {
    stream,
    ackWaitMs: readDuration(config, 'ack_wait', { path, minMs: 1_000, defaultMs: 30_000 }),
    maxDeliver: Number(maxDeliver),
    retryDelayMs: readDuration(config, 'retry_delay', { path, minMs: 1, defaultMs: 1_000 }),
    deadLetter,
  };
}

interface DurationBounds {
  readonly path: string;
  readonly minMs: number;
  readonly defaultMs: number;
}

const maxDurationMs = 3_600_000;

function readDuration(config: Readonly<Record<string, string>>, key: string, bounds: DurationBounds): number {
  const { path, minMs, defaultMs } = bounds;
  const text = config[key];
  if (text === undefined) return defaultMs;
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined || milliseconds < minMs || milliseconds > maxDurationMs) {
    throw settingError(`${path}.${key}`, `is ${quote(text)}; it must be a duration from ${minMs}ms to 1h`);
  }
  return milliseconds;
}
