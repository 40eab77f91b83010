import { HostError } from '../errors.js';
import type { HostInterfaceSpec } from '../workload.js';

/** What of a request tells which entry it came through. */
export interface EntryUse {
  readonly entry: HostInterfaceSpec | undefined;
}

/**
 * An entry that is named for a label serves the imports of that label and nothing else: without one, its name is misspelt, or the component is another one
 * than its author thinks. Entries named for a plugin, and those without a name, may wait for components that have no use for them.
 *
 * @throws HostError `ERR_SPEC_INVALID` naming the first entry without a use
 */
export function checkNamedEntries(
  entries: readonly HostInterfaceSpec[],
  uses: readonly EntryUse[],
  pluginIds: ReadonlySet<string>,
): void {
  const used = new Set(uses.map(({ entry }) => entry));
  const index = entries.findIndex(
    (entry) => entry.name !== undefined && !pluginIds.has(entry.name) && !used.has(entry),
  );
  const entry = entries[index];
  if (entry === undefined) return;
  const { name, namespace, package: packageName, interfaces } = entry;
  const path = `hostInterfaces[${index}]`;
  throw new HostError(
    'ERR_SPEC_INVALID',
    `${path} is named '${name}', but no component imports ${interfaces.join(', ')} of ${namespace}:${packageName} under that label; ` +
      'correct the name or remove the entry',
    { details: { path: `${path}.name`, name } },
  );
}
