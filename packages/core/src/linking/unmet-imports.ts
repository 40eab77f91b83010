import { HostError } from '../errors.js';
import type { ParsedInterfaceId } from '../interface-id.js';

/** One import that nothing serves, as plain data. */
export interface UnmetImport {
  readonly component: string;
  /** As the component spells it. */
  readonly import: string;
  /** What would serve it. */
  readonly remedy: string;
  /** The npm package that would serve it, by rule; unset where none would. */
  readonly package?: string;
}

const maxListed = 20;
const maxNameLength = 200;
const baseWasiPackages: ReadonlySet<string> = new Set(['io', 'clocks', 'random', 'cli', 'filesystem', 'sockets']);

/** The npm package that serves an interface, by rule: core knows no list of plugins. */
export function servingPackage(id: ParsedInterfaceId): string {
  const isBaseWasi = id.namespace === 'wasi' && baseWasiPackages.has(id.package);
  return isBaseWasi ? '@lodge/wasi' : `@lodge/plugin-${id.package.replaceAll('/', '-')}`;
}

/** One error for all of them. */
export function unmetImportsError(unmet: readonly UnmetImport[]): HostError {
  const lines = unmet
    .slice(0, maxListed)
    .map((entry) => `component '${shorten(entry.component)}' imports ${shorten(entry.import)}: ${entry.remedy}`);
  if (unmet.length > maxListed) lines.push(`and ${unmet.length - maxListed} more`);
  const count = unmet.length === 1 ? 'an import that nothing serves' : `${unmet.length} imports that nothing serves`;
  return new HostError('ERR_IMPORT_UNMET', `the workload has ${count}: ${lines.join('; ')}`, {
    details: { unmet: unmet.map((entry) => ({ ...entry, import: shorten(entry.import) })) },
  });
}

function shorten(name: string): string {
  return name.length > maxNameLength ? `${name.slice(0, maxNameLength)}…` : name;
}
