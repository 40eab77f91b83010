import type { Plan } from './plan/plan.js';
import type { Instance } from './plan/scope.js';
import type { FunctionName } from './runtime/failure.js';
import type { LifeDescription } from './runtime/life.js';
import { trapSource } from './runtime/trap-source.js';

/**
 * What the instances of a plan need to say what went wrong, and where.
 *
 * @param nameOf the name of a component, from that which it has in the plan
 */
export function describeLife(
  name: string,
  plan: Plan,
  nameOf: (unit: string) => string,
): Omit<LifeDescription, 'locate'> {
  const unitOf = (component: number): string => {
    const unit = plan.componentInstances[component];
    return unit === undefined ? name : nameOf(unit);
  };
  const exports: FunctionName[] = [];
  nameExports(plan.exports, '', (lift, exportName) => {
    exports[lift] = { unit: unitOf(plan.lifts[lift]?.context.component ?? 0), name: exportName };
  });
  const imports = plan.trampolines.map((trampoline): FunctionName => {
    if (trampoline.kind !== 'lower') {
      return { unit: unitOf(trampoline.component), name: `${trampoline.kind} of ${trampoline.resource.name}` };
    }
    const { func, context } = trampoline;
    if (func.kind === 'host')
      return { unit: unitOf(context.component), name: `${func.host.externName}#${func.host.name}` };
    return {
      unit: unitOf(func.lift.context.component),
      name: exports[func.lift.index]?.name ?? 'a function called by another component',
    };
  });
  return {
    name,
    exports,
    imports,
    isHostResource: (resource) => plan.resources[resource]?.owner === undefined,
    captureTrap: trapSource(),
  };
}

function nameExports(exports: Instance, prefix: string, add: (lift: number, name: string) => void): void {
  for (const [name, item] of exports) {
    if (item.sort === 'func' && item.func.kind === 'lift') add(item.func.lift.index, `${prefix}${name}`);
    if (item.sort === 'instance') nameExports(item.instance, `${name}#`, add);
  }
}
