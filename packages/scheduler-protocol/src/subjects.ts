/** What a host can be asked: the end of a request's subject. */
export type HostCommand = 'heartbeat' | 'workload.start' | 'workload.stop' | 'workload.status';

/** Where requests for a host go: `runtime.host.<id>.<command>`. */
export function commandSubject(hostId: string, command: HostCommand): string {
  return `${hostPrefix(hostId)}${command}`;
}

/** What a host subscribes to: `runtime.host.<id>.>`. */
export function hostSubject(hostId: string): string {
  return `${hostPrefix(hostId)}>`;
}

/** What the subjects of a host's commands begin with. */
export function hostPrefix(hostId: string): string {
  return `runtime.host.${checkToken(hostId)}.`;
}

/** Where a host publishes its heartbeats: `runtime.operator.heartbeat.<id>`. */
export function heartbeatSubject(hostId: string): string {
  return `runtime.operator.heartbeat.${checkToken(hostId)}`;
}

/** What a scheduler subscribes to for the heartbeats of all hosts. */
export const heartbeatWildcard = 'runtime.operator.heartbeat.>';

/** Whether a text can be the id of a host: one token of a NATS subject, at most 128 characters. */
export function isHostId(text: string): boolean {
  return /^[\w-]{1,128}$/.test(text);
}

/** An id with a dot or a wildcard would reach other hosts, or other subjects altogether. */
function checkToken(hostId: string): string {
  if (isHostId(hostId)) return hostId;
  throw new TypeError(
    `a host id has letters, digits, - and _, at most 128, not ${JSON.stringify(hostId.slice(0, 64))}`,
  );
}
