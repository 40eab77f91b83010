import { type ComponentImports, HostError } from '@lodge/core';
import { hostMember } from './glue/functions.js';
import type { HostFuncPlan, Plan } from './plan/plan.js';
import type { Instance } from './plan/scope.js';
import type { Func } from './plan/types.js';

/**
 * Looks up every host function that the plan calls, once per set of import objects.
 *
 * @param nameOf the name of a component, from that which it has in the plan
 * @throws HostError `ERR_IMPORT_INVALID` naming the first that is missing.
 */
export function bindHosts(
  plan: Plan,
  imports: ReadonlyMap<string, ComponentImports>,
  nameOf: (unit: string) => string,
): unknown[] {
  const used = new Set(
    plan.trampolines.flatMap((item) =>
      item.kind === 'lower' && item.func.kind === 'host' ? [item.func.host.index] : [],
    ),
  );
  for (const func of exportedFuncs(plan.exports))
    if (func.kind === 'host' && !func.host.name.startsWith('[')) used.add(func.host.index);
  return plan.hostFuncs.map((host) => {
    const unit = nameOf(host.unit);
    return used.has(host.index) ? bindHost({ ...host, unit }, imports.get(unit)) : undefined;
  });
}

function exportedFuncs(exports: Instance): Func[] {
  return [...exports.values()].flatMap((item) => {
    if (item.sort === 'func') return [item.func];
    return item.sort === 'instance' ? exportedFuncs(item.instance) : [];
  });
}

function bindHost(host: HostFuncPlan, imports: ComponentImports | undefined): unknown {
  if (host.externName === '') {
    const func = imports?.[host.name];
    if (typeof func !== 'function') throw missing(host, `a function ${JSON.stringify(host.name)}`);
    return func;
  }
  const object = imports?.[host.externName];
  const { name, method, isClass } = hostMember(host);
  const value = ownOrInherited(object, name);
  if (typeof value !== 'function') throw missing(host, isClass ? `a class ${name}` : `a function ${name}`);
  const isStatic = host.name.startsWith('[static]');
  if (method !== undefined && typeof ownOrInherited(isStatic ? value : value.prototype, method) !== 'function') {
    throw missing(host, `${isStatic ? 'a static function' : 'a method'} ${name}.${method}`);
  }
  return value;
}

/** A member that the plugin defined: what every object inherits does not count. */
function ownOrInherited(object: unknown, name: string): { readonly prototype?: unknown } | undefined {
  if ((typeof object !== 'object' && typeof object !== 'function') || object === null) return undefined;
  const value: unknown = Reflect.get(object, name);
  return typeof value === 'function' && value !== Reflect.get(Object.prototype, name) ? value : undefined;
}

function missing(host: HostFuncPlan, what: string): HostError {
  const where = host.externName === '' ? 'its imports' : host.externName;
  return new HostError(
    'ERR_IMPORT_INVALID',
    `Component ${JSON.stringify(host.unit)} imports ${host.name} from ${where}, but the import object has no ${what}; check the plugin that provides it.`,
    { details: { component: host.unit, import: host.externName, function: host.name } },
  );
}
