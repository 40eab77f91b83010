import type { ComponentLink, ComponentUnit, Engine, InstanceLimits, LinkedComponent } from '../engine.js';
import { HostError } from '../errors.js';
import type { SiblingLinks } from './siblings.js';
import type { LoadedUnit } from './unit.js';

/** A component and everything that its graph is compiled of. */
export interface GraphPlan {
  readonly unit: LoadedUnit;
  readonly options: ComponentUnit;
  /** The siblings in the graph, each once, without the component itself. */
  readonly linked: readonly LoadedUnit[];
}

/**
 * What to compile: one graph per component, except for those that only serve siblings, which exist inside their graphs alone.
 *
 * @throws HostError `ERR_ENGINE_UNSUPPORTED` when components link and the engine cannot.
 */
export function planGraphs(
  units: readonly LoadedUnit[],
  links: SiblingLinks,
  suspendingImports: ReadonlyMap<LoadedUnit, ReadonlySet<string>>,
  callable: ReadonlySet<LoadedUnit>,
  engine: Engine,
): GraphPlan[] {
  const servers = new Set<LoadedUnit>();
  for (const [unit, unitLinks] of links) {
    for (const [externName, { unit: server }] of unitLinks) {
      if (!engine.supports.links) throw linksUnsupported(engine, unit, externName, server);
      servers.add(server);
    }
  }
  // One object per component, also in a diamond.
  const linkedComponents = new Map<LoadedUnit, LinkedComponent>();
  const toUnit = (unit: LoadedUnit): ComponentUnit => {
    const unitLinks = new Map<string, ComponentLink>();
    for (const [externName, server] of links.get(unit) ?? []) {
      unitLinks.set(externName, { component: toLinked(server.unit), externName: server.externName });
    }
    return {
      name: unit.component.name,
      suspendingImports: suspendingImports.get(unit) ?? new Set<string>(),
      // A graph runs on one stack: it gives way as a whole or not at all.
      isInterruptible: [unit, ...reachable(unit, links)].some((part) => part.isInterruptible === true),
      limits: limitsOf(unit),
      ...(unitLinks.size > 0 && { links: unitLinks }),
    };
  };
  const toLinked = (unit: LoadedUnit): LinkedComponent => {
    const known = linkedComponents.get(unit);
    if (known !== undefined) return known;
    const linked = { ...toUnit(unit), bytes: unit.bytes };
    linkedComponents.set(unit, linked);
    return linked;
  };
  return units
    .filter((unit) => !servers.has(unit) || callable.has(unit))
    .map((unit) => ({ unit, options: toUnit(unit), linked: reachable(unit, links) }));
}

/** What the spec bounds; everything else has the engine's defaults. */
function limitsOf({ component }: LoadedUnit): Partial<InstanceLimits> {
  const { memoryLimitMb } = component.localResources;
  return memoryLimitMb > 0 ? { maxMemoryBytes: memoryLimitMb * 1_048_576 } : {};
}

function reachable(root: LoadedUnit, links: SiblingLinks): LoadedUnit[] {
  const found = new Set<LoadedUnit>();
  const visit = (unit: LoadedUnit): void => {
    for (const { unit: next } of links.get(unit)?.values() ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(root);
  return [...found];
}

function linksUnsupported(engine: Engine, unit: LoadedUnit, externName: string, server: LoadedUnit): HostError {
  const names = `component '${unit.component.name}' imports '${externName}' from component '${server.component.name}'`;
  return new HostError(
    'ERR_ENGINE_UNSUPPORTED',
    `${names}, but the engine '${engine.name}' cannot link components; compose them beforehand or use another engine`,
    { details: { engine: engine.name, ability: 'links' } },
  );
}
