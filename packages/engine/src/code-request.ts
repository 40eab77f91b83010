import type { ComponentUnit, LinkedComponent } from '@lodge/core';
import { defaultLimits } from './limits.js';

/** All that a unit states but its name, which means nothing to its code: a new option cannot be forgotten here. */
type UnitFacts = Readonly<Record<Exclude<keyof ComponentUnit, 'name'>, unknown>>;

/** What compiled code depends on. */
export interface CodeRequest {
  /** All of it but the names and the bytes; of those, their lengths. */
  readonly key: string;
  /** Of every component of the graph, in the order in which they are met. */
  readonly bytes: readonly Uint8Array[];
  readonly names: readonly string[];
}

/** What compiling a component and those linked to it depends on; undefined: two have the same name, so that it cannot be told apart from others. */
export function codeRequest(bytes: Uint8Array, unit: ComponentUnit): CodeRequest | undefined {
  const numbers = new Map<LinkedComponent, number>();
  const units: { bytes: Uint8Array; name: string; facts: UnitFacts | undefined }[] = [];
  const add = (own: Uint8Array, { name, suspendingImports, limits, isInterruptible, links }: ComponentUnit): number => {
    const described: (typeof units)[number] = { bytes: own, name, facts: undefined };
    const number = units.push(described) - 1;
    const linked = [...(links ?? [])].map(([wanted, { component, externName }]) => {
      const known = numbers.get(component) ?? add(component.bytes, component);
      numbers.set(component, known);
      return [wanted, known, externName];
    });
    described.facts = {
      suspendingImports: [...suspendingImports].sort(),
      limits: Object.entries({ ...defaultLimits, ...limits }).sort(([a], [b]) => (a < b ? -1 : 1)),
      isInterruptible: isInterruptible === true,
      links: linked,
    };
    return number;
  };
  add(bytes, unit);
  const names = units.map(({ name }) => name);
  if (new Set(names).size !== names.length) return undefined;
  const key = JSON.stringify(units.map((one) => [one.bytes.length, one.facts]));
  return { key, bytes: units.map((one) => one.bytes), names };
}
