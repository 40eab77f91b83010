import type { ComponentImports } from '../engine.js';
import type { ComponentBinding } from '../plugin.js';
import type { InstanceScope } from '../scope.js';
import type { ComponentInfo } from '../workload.js';
import { type Life, LinkedScope } from './life.js';

/** A component of a graph and what its plugins give it. */
export interface BoundComponent {
  readonly component: ComponentInfo;
  readonly bindings: readonly ComponentBinding[];
}

/**
 * The imports of one instance after another. As long as no plugin answers with a new object, all instances are given the
 * same map, so nothing is allocated and the engine sees that nothing changed.
 */
export class GraphImports {
  readonly #root: MergedImports;
  readonly #linked: readonly MergedImports[];
  #map: ReadonlyMap<string, ComponentImports> | undefined;

  constructor(root: BoundComponent, linked: readonly BoundComponent[]) {
    this.#root = new MergedImports(root);
    this.#linked = linked.map((bound) => new MergedImports(bound));
  }

  importsFor(life: Life): ReadonlyMap<string, ComponentImports> {
    let isChanged = this.#root.update(life);
    for (const imports of this.#linked) {
      if (imports.update(new LinkedScope(life, imports.component))) isChanged = true;
    }
    if (!isChanged && this.#map !== undefined) return this.#map;
    const map = new Map([[this.#root.component.name, this.#root.merged]]);
    for (const imports of this.#linked) map.set(imports.component.name, imports.merged);
    this.#map = map;
    return map;
  }
}

/** What several plugins give one component, as one object. */
class MergedImports {
  readonly component: ComponentInfo;
  merged: ComponentImports = Object.freeze({});
  readonly #bindings: readonly ComponentBinding[];
  readonly #parts: (ComponentImports | undefined)[];

  constructor(bound: BoundComponent) {
    this.component = bound.component;
    this.#bindings = bound.bindings;
    this.#parts = bound.bindings.map(() => undefined);
  }

  /** Asks every plugin; answers whether the merged object is another one now. */
  update(scope: InstanceScope): boolean {
    let isChanged = false;
    for (let index = 0; index < this.#bindings.length; index += 1) {
      const part = this.#bindings[index]?.importsFor(scope);
      if (part === this.#parts[index]) continue;
      this.#parts[index] = part;
      isChanged = true;
    }
    if (isChanged) this.merged = merge(this.#parts);
    return isChanged;
  }
}

function merge(parts: readonly (ComponentImports | undefined)[]): ComponentImports {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  return Object.assign({}, ...parts);
}
