import { HostError } from '../errors.js';
import { formatInterfaceId, matchesInterface, type ParsedInterfaceId, parseInterfaceId } from '../interface-id.js';
import type { HostPlugin, InterfaceRequest, ProvidedInterface } from '../plugin.js';
import type { InterfaceShape } from '../shape.js';
import type { HostInterfaceSpec } from '../workload.js';
import { checkSignatures } from './check-signatures.js';
import { checkNamedEntries } from './named-entries.js';
import type { Provider, ProviderIndex } from './provider-index.js';
import { findRunInterface } from './run-interface.js';
import { ambiguousError, checkAcyclic, type SiblingExport, type SiblingLinks, siblingExports } from './siblings.js';
import type { LoadedUnit } from './unit.js';
import { servingPackage, type UnmetImport, unmetImportsError } from './unmet-imports.js';

/** Who serves whom in a workload. */
export interface Resolution {
  readonly links: SiblingLinks;
  /** Every request, in the order of the components. */
  readonly requests: readonly PluginRequest[];
  /** Exported interfaces that the spec grants and no plugin calls: worth a warning. */
  readonly uncalled: readonly { readonly component: string; readonly externName: string }[];
}

/** A request and the plugin that it goes to. */
export interface PluginRequest {
  readonly plugin: HostPlugin;
  readonly request: InterfaceRequest;
  /** The entry that grants it; unset for what needs none. */
  readonly entry: HostInterfaceSpec | undefined;
  /** WIT names of the functions that may suspend, as the plugin's world says. */
  readonly suspends: readonly string[];
  /** The functions of the interface, as the plugin's world says. */
  readonly functions: ProvidedInterface['functions'];
}

const noConfig: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

/**
 * Finds for every import who serves it: a sibling component that alone exports it, else a plugin that the spec grants, else
 * nobody; and for every granted export who calls it.
 *
 * @throws HostError `ERR_IMPORT_UNMET` naming every import that nothing serves, `ERR_SIGNATURE_MISMATCH` naming functions of other types,
 *   `ERR_EXPORT_NOT_FOUND` for a service without `run`, `ERR_SPEC_INVALID` for an entry with a label that no import has,
 *   `ERR_LINK_AMBIGUOUS`, `ERR_LINK_CYCLIC`.
 */
export function resolveWorkload(
  units: readonly LoadedUnit[],
  entries: readonly HostInterfaceSpec[],
  index: ProviderIndex,
): Resolution {
  const unmet: UnmetImport[] = [];
  const links = new Map<LoadedUnit, Map<string, SiblingExport>>();
  const requests: PluginRequest[] = [];
  const uncalled: { component: string; externName: string }[] = [];
  for (const unit of units) {
    const unitLinks = new Map<string, SiblingExport>();
    for (const shape of unit.shape.imports) {
      const served = resolveImport(unit, shape, { units, entries, index });
      if ('remedy' in served) unmet.push(served);
      else if ('plugin' in served) requests.push(served);
      else unitLinks.set(shape.externName, served);
    }
    for (const { name } of unit.shape.importedFunctions) {
      unmet.push({
        component: unit.component.name,
        import: name,
        remedy: 'a function outside of any interface cannot be served',
      });
    }
    links.set(unit, unitLinks);
    // Whoever calls a service has to reach its one instance, which plugins cannot yet.
    if (unit.component.kind === 'service') {
      findRunInterface(unit.shape);
      continue;
    }
    for (const shape of unit.shape.exports) {
      const calls = resolveExport(unit, shape, entries, index);
      if (calls === undefined) uncalled.push({ component: unit.component.name, externName: shape.externName });
      else requests.push(...calls);
    }
  }
  if (unmet.length > 0) throw unmetImportsError(unmet);
  checkSignatures(requests);
  checkNamedEntries(entries, requests, index.pluginIds);
  checkAcyclic(links);
  return { links, requests, uncalled };
}

interface Surroundings {
  readonly units: readonly LoadedUnit[];
  readonly entries: readonly HostInterfaceSpec[];
  readonly index: ProviderIndex;
}

function resolveImport(
  unit: LoadedUnit,
  shape: InterfaceShape,
  around: Surroundings,
): SiblingExport | PluginRequest | UnmetImport {
  checkExternName(unit, shape);
  const label = labelOf(shape);
  // Who labels an import asks for the entry of that name, so the entry goes before a sibling.
  if (label !== undefined) {
    const granted = grantedProvider(shape, label, around);
    if (granted !== undefined) return toRequest(unit, shape, granted);
  }
  const exporters = siblingExports(unit, shape, around.units);
  const [exporter] = exporters;
  if (exporter !== undefined && exporters.length === 1) return exporter;
  if (label === undefined) {
    const granted = grantedProvider(shape, undefined, around);
    if (granted !== undefined) return toRequest(unit, shape, granted);
  }
  if (exporters.length > 1) throw ambiguousError(unit, shape.externName, exporters);
  return describeUnmet(unit, shape, label, around);
}

interface Grant {
  readonly provider: Provider;
  readonly entry: HostInterfaceSpec | undefined;
}

/** The first entry that grants the import and that a plugin can serve; an ambient interface needs no entry. */
function grantedProvider(shape: InterfaceShape, label: string | undefined, around: Surroundings): Grant | undefined {
  const id = parseShapeId(shape);
  if (id === undefined) return undefined;
  const providers = around.index.providersOf(id);
  for (const entry of around.entries) {
    if (!isGrantedBy(id, entry)) continue;
    const isForPlugin = entry.name !== undefined && around.index.pluginIds.has(entry.name);
    if (entry.name !== label && !(label === undefined && isForPlugin)) continue;
    const provider = providers.find(({ plugin }) => !isForPlugin || plugin.id === entry.name);
    if (provider !== undefined) return { provider, entry };
  }
  const ambient = providers.find(({ provided }) => provided.isAmbient === true);
  return ambient && { provider: ambient, entry: undefined };
}

function toRequest(unit: LoadedUnit, shape: InterfaceShape, { provider, entry }: Grant): PluginRequest {
  checkFunctions(unit, shape, provider);
  const request: InterfaceRequest = {
    id: provider.provided.id,
    direction: 'import',
    externName: shape.externName,
    component: unit.component,
    name: labelOf(shape) ?? entry?.name,
    config: entry?.config ?? noConfig,
    shape,
  };
  const { suspends, functions } = provider.provided;
  return { plugin: provider.plugin, request, entry, suspends, functions };
}

/** An interface has the functions that its plugin says, not those that a component says. */
function checkFunctions(unit: LoadedUnit, shape: InterfaceShape, { plugin, provided }: Provider): void {
  const { functions } = provided;
  if (functions === undefined) return;
  const known = new Set(Array.isArray(functions) ? functions : Object.keys(functions));
  const unknown = shape.functions.find(({ name }) => !known.has(name));
  if (unknown === undefined) return;
  throw new HostError(
    'ERR_IMPORT_UNMET',
    `component '${unit.component.name}' imports '${unknown.name}' of '${shape.externName}', which '${provided.id}' of plugin '${plugin.id}' does not have; build it against that version`,
    { details: { component: unit.component.name, interface: shape.externName, function: unknown.name } },
  );
}

/** The requests of the plugins that call an export; none where the spec does not grant it, `undefined` where nobody calls. */
function resolveExport(
  unit: LoadedUnit,
  shape: InterfaceShape,
  entries: readonly HostInterfaceSpec[],
  index: ProviderIndex,
): PluginRequest[] | undefined {
  const id = parseShapeId(shape);
  if (id === undefined) return [];
  const granting = entries.filter((entry) => isGrantedBy(id, entry));
  if (granting.length === 0) return [];
  const requests: PluginRequest[] = [];
  for (const { plugin, called } of index.callersOf(id)) {
    const entry = granting.find(({ name }) => name === undefined || !index.pluginIds.has(name) || name === plugin.id);
    if (entry === undefined) continue;
    const { component } = unit;
    const { externName } = shape;
    const config = entry.config ?? noConfig;
    const request: InterfaceRequest = {
      id: called.id,
      direction: 'export',
      externName,
      component,
      name: entry.name,
      config,
      shape,
    };
    requests.push({ plugin, request, entry, suspends: [], functions: called.functions });
  }
  return requests.length > 0 ? requests : undefined;
}

function isGrantedBy(id: ParsedInterfaceId, entry: HostInterfaceSpec): boolean {
  return matchesInterface(id, {
    namespace: entry.namespace,
    package: entry.package,
    interfaces: entry.interfaces,
    version: entry.version,
  });
}

function describeUnmet(
  unit: LoadedUnit,
  shape: InterfaceShape,
  label: string | undefined,
  around: Surroundings,
): UnmetImport {
  const component = unit.component.name;
  const id = parseShapeId(shape);
  if (id === undefined) {
    return { component, import: shape.externName, remedy: 'add a component that exports it to the workload' };
  }
  const name = label === undefined ? shape.externName : `${label} (${formatInterfaceId(id)})`;
  const servedBy = servingPackage(id);
  const unmet = { component, import: name, package: servedBy };
  const [provider] = around.index.providersOf(id);
  if (provider !== undefined) {
    const { namespace, package: packageName, interfaces } = id;
    const named = label === undefined ? '' : ` with the name '${label}'`;
    return {
      ...unmet,
      remedy: `grant it with an entry in hostInterfaces for ${namespace}:${packageName} with ${interfaces.join(', ')}${named}`,
    };
  }
  const [other] = around.index.providersInAnyVersion(id);
  if (other !== undefined) {
    return {
      ...unmet,
      remedy: `plugin '${other.plugin.id}' has ${other.provided.id} only; build against that version`,
    };
  }
  return { ...unmet, remedy: `add ${servedBy} to the plugins of the host` };
}

function labelOf(shape: InterfaceShape): string | undefined {
  return shape.externName.includes(':') ? undefined : shape.externName;
}

function parseShapeId(shape: InterfaceShape): ParsedInterfaceId | undefined {
  return shape.id === undefined ? undefined : parseInterfaceId(shape.id);
}

/** Import objects are keyed by this name; an engine lets no such name through, and this does not rely on it. */
function checkExternName(unit: LoadedUnit, shape: InterfaceShape): void {
  if (shape.externName !== '__proto__') return;
  throw new HostError('ERR_COMPONENT_INVALID', `component '${unit.component.name}' imports a name that is no WIT name`);
}
