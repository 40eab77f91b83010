import type { ComponentInfo, InterfaceRequest, Logger } from '@lodge/core';
import { defaultConsumerGroup } from '../consumer-group.js';
import { isPattern, isReserved } from '../subjects.js';
import { parseDuration } from './duration.js';
import { quote, readSetting, settingError, splitList } from './settings.js';

/** How a component gets messages. */
export interface HandlerConfig {
  /** Patterns. None: it gets nothing. */
  readonly subjects: readonly string[];
  /** Unset: each replica gets every message. */
  readonly group: string | undefined;
  /** Messages that it handles at a time. */
  readonly maxInFlight: number;
  /** Milliseconds that a message waits for its turn before it is dropped. */
  readonly admissionWaitMs: number;
}

/** What the configuration of a handler is held against. */
export interface HandlerLimits {
  /** The most that `max_in_flight` can ask for, and what counts without it. */
  readonly maxInFlight: number;
  readonly logger: Logger;
}

const maxSubjects = 1_000;
const maxGroupLength = 256;
const defaultAdmissionWaitMs = 30_000;
const maxAdmissionWaitMs = 600_000;

/**
 * Reads what is set for a component, its own `localResources.config` first.
 *
 * @throws HostError `ERR_CONFIG_INVALID` for subjects that are none or reserved, and for groups that are none; wrong numbers only get a warning, as
 *   on wasmCloud
 */
export function parseHandlerConfig(
  component: ComponentInfo,
  request: InterfaceRequest,
  limits: HandlerLimits,
): HandlerConfig {
  return {
    subjects: parseSubjects(component, request, 'subscriptions') ?? [],
    group: parseGroup(component, request),
    maxInFlight: parseMaxInFlight(component, request, limits),
    admissionWaitMs: parseAdmissionWait(component, request, limits),
  };
}

/**
 * A list of patterns under `key`; unset without the key.
 *
 * @throws HostError `ERR_CONFIG_INVALID`
 */
export function parseSubjects(component: ComponentInfo, request: InterfaceRequest, key: string): string[] | undefined {
  const setting = readSetting(component, request, key);
  if (setting === undefined) return undefined;
  const subjects = [...new Set(splitList(setting.value))];
  if (subjects.length > maxSubjects) throw settingError(setting.path, `names more than ${maxSubjects} subjects`);
  for (const subject of subjects) {
    if (!isPattern(subject)) throw settingError(setting.path, `has ${quote(subject)}, which is no subject`);
    if (isReserved(subject)) {
      throw settingError(setting.path, `has ${quote(subject)}, which is not for guests: name another subject`);
    }
  }
  return subjects;
}

function parseGroup(component: ComponentInfo, request: InterfaceRequest): string | undefined {
  const setting = readSetting(component, request, 'consumer_group');
  if (setting === undefined) {
    const { namespace, name } = component.workload;
    return defaultConsumerGroup({ namespace, workload: name, component: component.name });
  }
  const { value, path } = setting;
  if (value === 'broadcast') return undefined;
  if (value === '' || value.length > maxGroupLength || /[\p{White_Space}\p{Cc}\p{Cf}*>]/u.test(value)) {
    const rule = `1 to ${maxGroupLength} characters without white space, * and >, or 'broadcast'`;
    throw settingError(path, `is ${quote(value)}; a group has ${rule}`);
  }
  return value;
}

function parseMaxInFlight(
  component: ComponentInfo,
  request: InterfaceRequest,
  { maxInFlight, logger }: HandlerLimits,
): number {
  const setting = readSetting(component, request, 'max_in_flight');
  if (setting === undefined) return maxInFlight;
  const number = /^\d{1,15}$/.test(setting.value.trim()) ? Number(setting.value) : 0;
  if (number >= 1) return Math.min(number, maxInFlight);
  logger.log('warn', 'max_in_flight is no positive number; the default counts', { path: setting.path, maxInFlight });
  return maxInFlight;
}

function parseAdmissionWait(component: ComponentInfo, request: InterfaceRequest, { logger }: HandlerLimits): number {
  const setting = readSetting(component, request, 'admission_wait');
  if (setting === undefined) return defaultAdmissionWaitMs;
  const milliseconds = parseDuration(setting.value);
  if (milliseconds !== undefined) return Math.min(milliseconds, maxAdmissionWaitMs);
  logger.log('warn', 'admission_wait is no duration; the default counts', {
    path: setting.path,
    milliseconds: defaultAdmissionWaitMs,
  });
  return defaultAdmissionWaitMs;
}
