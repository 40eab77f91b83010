import { HostError } from '@lodge/core';

const namePattern = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const prefixPattern = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

/** The label that carries a host's group. */
export const hostGroupLabel = 'hostgroup';

/**
 * Checks labels as Kubernetes would: the operator puts them on a resource, and a host with others never appears there.
 *
 * @throws HostError `ERR_CONFIG_INVALID` with the `path` of the label
 */
export function checkLabels(labels: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(labels)) {
    const path = `labels.${key.slice(0, 64)}`;
    if (!isLabelKey(key)) {
      throw labelError(
        path,
        'the key of a label',
        `${rule}, with a DNS name and a slash before it where you like`,
        key,
      );
    }
    if (!isLabelValue(value)) throw labelError(path, 'the value of a label', `${rule}, or nothing`, value);
  }
}

/**
 * Checks the name of a group of hosts, which becomes the label `hostgroup`.
 *
 * @throws HostError `ERR_CONFIG_INVALID`
 */
export function checkHostGroup(hostGroup: string): void {
  if (hostGroup !== '' && isLabelValue(hostGroup)) return;
  throw labelError('hostGroup', 'a host group', rule, hostGroup);
}

const rule = 'is at most 63 letters, digits, -, _ and ., the first and the last one a letter or a digit';

function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  if (prefix !== undefined && (prefix.length > 253 || !prefixPattern.test(prefix))) return false;
  const name = key.slice(slash + 1);
  return name.length <= 63 && namePattern.test(name);
}

function isLabelValue(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 63 && (value === '' || namePattern.test(value));
}

function labelError(path: string, what: string, expected: string, found: unknown): HostError {
  const shown = JSON.stringify(typeof found === 'string' ? found.slice(0, 100) : typeof found);
  return new HostError('ERR_CONFIG_INVALID', `${what} ${expected}, as Kubernetes wants it; it is ${shown}`, {
    details: { path },
  });
}
