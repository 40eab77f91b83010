import type { ComponentUnit, InstanceLimits } from '@lodge/core';

/** What holds where a unit sets nothing. */
export const defaultLimits: InstanceLimits = {
  maxLiftedBytes: 67_108_864,
  maxListLength: 1_000_000,
  maxHandles: 65_536,
  maxMemoryBytes: 4_294_967_296,
};

/** The limits of every component of a graph, by name. */
export function limitsOf(
  unit: ComponentUnit,
  limits: Map<string, InstanceLimits> = new Map(),
): ReadonlyMap<string, InstanceLimits> {
  if (limits.has(unit.name)) return limits;
  limits.set(unit.name, { ...defaultLimits, ...unit.limits });
  for (const { component } of unit.links?.values() ?? []) limitsOf(component, limits);
  return limits;
}
