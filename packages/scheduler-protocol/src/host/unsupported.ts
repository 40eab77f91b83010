import type { LocalResources, Workload } from '../messages/workload.js';

/** How many things a message names. */
const maxNamed = 10;

/** Why a host cannot run a workload although nothing is wrong with it: it asks for what Lodge has not. `undefined`: it can. */
export function describeUnsupported(workload: Workload): string | undefined {
  const { volumes, witWorld, service } = workload;
  const found = volumes.map(({ name }) => `the volume ${quote(name)}`);
  for (const { name, localResources } of witWorld?.components ?? []) {
    found.push(...unsupportedResources(localResources).map((what) => `${what} of component ${quote(name)}`));
  }
  found.push(...unsupportedResources(service?.localResources).map((what) => `${what} of the service`));
  if (found.length === 0) return undefined;
  const more = found.length > maxNamed ? ` and ${found.length - maxNamed} more` : '';
  const named = found.slice(0, maxNamed).join(', ');
  return `the workload asks for what this host does not have: ${named}${more}; leave it out, or choose another host`;
}

function unsupportedResources(resources: LocalResources | undefined): string[] {
  if (resources === undefined) return [];
  const { cpuLimit, volumeMounts, allowedIpNameLookups, allowedHostLoopbackPorts } = resources;
  const found = volumeMounts.map(({ name }) => `the volume mount ${quote(name)}`);
  if (cpuLimit > 0) found.push('cpuLimit');
  // There are no sockets, so there is nothing that these could allow.
  if (allowedIpNameLookups.length > 0) found.push('allowedIpNameLookups');
  if (allowedHostLoopbackPorts.length > 0) found.push('allowedHostLoopbackPorts');
  return found;
}

function quote(name: string): string {
  return `'${name.slice(0, 64)}'`;
}
