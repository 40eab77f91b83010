import type { LocalResources, Workload } from '../messages/workload.js';

/** How many entries a message lists. */
const maxListed = 20;

/**
 * What is wrong with the `allowedHosts` of a workload, in the words of the host API: every entry of the first component that has a wrong one. `undefined`:
 * nothing. It says so before anything is pulled; whoever serves outgoing HTTP looks closer when the workload is bound.
 */
export function describeInvalidHosts({ witWorld, service }: Workload): string | undefined {
  for (const { name, localResources } of witWorld?.components ?? []) {
    const problem = describeEntries(localResources);
    if (problem !== undefined) return `invalid local_resources for component ${name.slice(0, 64)}: ${problem}`;
  }
  const problem = describeEntries(service?.localResources);
  return problem === undefined ? undefined : `invalid local_resources for service: ${problem}`;
}

function describeEntries(resources: LocalResources | undefined): string | undefined {
  const wrong: string[] = [];
  for (const entry of resources?.allowedHosts ?? []) {
    const problem = problemOf(entry.trim());
    if (problem !== undefined) wrong.push(`\n  - '${entry.slice(0, 100)}': ${problem}`);
  }
  if (wrong.length === 0) return undefined;
  const more = wrong.length > maxListed ? `\n  - and ${wrong.length - maxListed} more` : '';
  return `invalid allowed_hosts:${wrong.slice(0, maxListed).join('')}${more}`;
}

/** An entry is `*`, or `host[:port]` or `*.suffix[:port]`, both with `scheme://` before and a slash behind if they like. */
function problemOf(entry: string): string | undefined {
  if (entry === '') return 'it is empty';
  if (entry === '*') return undefined;
  const [, scheme, rest = ''] = /^(?:(.*?):\/\/)?(.*)$/s.exec(entry) ?? [];
  if (scheme !== undefined && !/^[a-z][a-z0-9+.-]*$/i.test(scheme)) return 'its scheme is not valid';
  if (rest.includes('#')) return 'it must not include a fragment';
  if (rest.includes('?')) return 'it must not include a query string';
  const authority = scheme === undefined ? rest : rest.replace(/\/$/, '');
  if (authority.includes('/')) return 'it must not include a path: hosts are allowed, not paths';
  if (authority.includes('@')) return 'it must not include user information';
  if (authority.startsWith('*') && !authority.startsWith('*.')) return 'a wildcard must be of the form "*.<rest>"';
  const [, host = '', port] = /^(?:\*\.)?(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(authority) ?? [];
  if (host === '' || /[\s*]/.test(host)) return 'its host is not valid';
  if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)) return 'its port is not valid';
  return undefined;
}
