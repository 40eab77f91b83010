import type { KnownHost } from './host-directory.js';

/** What a host must be like. */
export interface HostRequirements {
  /** Labels that it must have, such as `{ hostgroup: 'edge' }`. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default any */
  readonly environment?: string;
  /** Host ids that are out of the question, such as those that have refused before. @default none */
  readonly except?: readonly string[];
  /** Gives a number from 0 to below 1. @default `Math.random` */
  readonly random?: () => number;
}

/** A random one of the hosts that have what is required, as wasmCloud's operator picks it; `undefined`: there is none. */
export function pickHost(hosts: Iterable<KnownHost>, requirements: HostRequirements = {}): KnownHost | undefined {
  const { labels = {}, environment, except = [], random = Math.random } = requirements;
  const wanted = Object.entries(labels);
  const fitting = [...hosts].filter(
    ({ hostId, heartbeat }) =>
      !except.includes(hostId) &&
      (environment === undefined || heartbeat.environment === environment) &&
      wanted.every(([key, value]) => Object.hasOwn(heartbeat.labels, key) && heartbeat.labels[key] === value),
  );
  return fitting[Math.floor(random() * fitting.length)];
}
