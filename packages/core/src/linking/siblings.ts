import { HostError } from '../errors.js';
import { matchesInterface, parseInterfaceId } from '../interface-id.js';
import type { InterfaceShape } from '../shape.js';
import type { LoadedUnit } from './unit.js';

/** An export of a sibling that could serve an import. */
export interface SiblingExport {
  readonly unit: LoadedUnit;
  readonly externName: string;
}

/** Which component serves which import of which: by importing component, then by the import's `externName`. */
export type SiblingLinks = ReadonlyMap<LoadedUnit, ReadonlyMap<string, SiblingExport>>;

/** Exports of the other components of the workload that match `wanted`. Nothing links to a service. */
export function siblingExports(
  importer: LoadedUnit,
  wanted: InterfaceShape,
  units: readonly LoadedUnit[],
): SiblingExport[] {
  const found: SiblingExport[] = [];
  for (const unit of units) {
    if (unit === importer || unit.component.kind === 'service') continue;
    const match = unit.shape.exports.find((offered) => isSame(wanted, offered));
    if (match !== undefined) found.push({ unit, externName: match.externName });
  }
  return found;
}

/** The error of an import that several siblings could serve. */
export function ambiguousError(
  importer: LoadedUnit,
  externName: string,
  exporters: readonly SiblingExport[],
): HostError {
  const component = importer.component.name;
  return new HostError(
    'ERR_LINK_AMBIGUOUS',
    `component '${component}' imports interface '${externName}', which is exported by multiple components in the workload; ` +
      'cannot disambiguate the provider',
    { details: { component, import: externName, exporters: exporters.map(({ unit }) => unit.component.name) } },
  );
}

/**
 * Checks that no component reaches itself through links.
 *
 * @throws HostError `ERR_LINK_CYCLIC` with the way round.
 */
export function checkAcyclic(links: SiblingLinks): void {
  const done = new Set<LoadedUnit>();
  const visit = (unit: LoadedUnit, path: readonly LoadedUnit[]): void => {
    if (done.has(unit)) return;
    const start = path.indexOf(unit);
    if (start >= 0) throw cyclicError([...path.slice(start), unit]);
    for (const { unit: next } of links.get(unit)?.values() ?? []) visit(next, [...path, unit]);
    done.add(unit);
  };
  for (const unit of links.keys()) visit(unit, []);
}

function cyclicError(path: readonly LoadedUnit[]): HostError {
  const names = path.map(({ component }) => component.name);
  return new HostError('ERR_LINK_CYCLIC', `circular dependency detected among components: ${names.join(' -> ')}`, {
    details: { components: names },
  });
}

function isSame(wanted: InterfaceShape, offered: InterfaceShape): boolean {
  if (wanted.id === undefined) return wanted.externName === offered.externName;
  if (offered.id === undefined) return false;
  const wantedId = parseInterfaceId(wanted.id);
  const offeredId = parseInterfaceId(offered.id);
  return wantedId !== undefined && offeredId !== undefined && matchesInterface(wantedId, offeredId);
}
