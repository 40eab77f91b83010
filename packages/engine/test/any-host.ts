import type { ComponentShape, FunctionShape, TypeShape } from '@lodge/core';
import { WitError } from '@lodge/core';
import { memberName, type Random } from '@lodge-internal/engine-suite';

class Resource {
  [Symbol.dispose](): void {}
}
type ResourceClass = new () => Resource;

/** The function of a host that stands for an import. */
type MakeFunction = (fn: FunctionShape) => (...args: unknown[]) => unknown;

/** Import objects that have whatever a component asks for, with answers at random: values of the type, errors, promises. */
export function anyHost(shape: ComponentShape, random: Random): Readonly<Record<string, unknown>> {
  return hostOf(shape, (fn) => anyFunction(fn, random), new Map());
}

/** As {@link anyHost}, without errors and promises: every call is told to `note`, and answered with what `random` gives then. */
export function kindHost(
  shape: ComponentShape,
  random: () => Random,
  note: (name: string, args: readonly unknown[]) => void,
): Readonly<Record<string, unknown>> {
  const classes = new Map<string, ResourceClass>();
  const make: MakeFunction =
    (fn) =>
    (...args) => {
      note(fn.name, args);
      const type = fn.result?.kind === 'result' ? fn.result.ok : fn.result;
      return type && anyValue(type, random(), classes);
    };
  return hostOf(shape, make, classes);
}

/** `classes` gets the class of each resource, by its name. */
function hostOf(
  shape: ComponentShape,
  make: MakeFunction,
  classes: Map<string, ResourceClass>,
): Readonly<Record<string, unknown>> {
  const host: Record<string, unknown> = {};
  for (const fn of shape.importedFunctions) host[fn.name] = make(fn);
  for (const { externName, functions, resources } of shape.imports) {
    const members: Record<string, unknown> = {};
    for (const resource of resources) {
      const type = class extends Resource {};
      members[memberName(`-${resource}`)] = type;
      classes.set(resource, type);
    }
    for (const fn of functions) {
      const match = /^\[(constructor|method|static)\]([^.]+)(?:\.(.+))?$/.exec(fn.name);
      if (match === null) members[memberName(fn.name)] = make(fn);
      else {
        const [, kind, resource = '', member = ''] = match;
        const name = memberName(`-${resource}`);
        members[name] ??= class extends Resource {};
        const type = members[name] as { prototype: object };
        const target = kind === 'static' ? type : type.prototype;
        const value = make(fn);
        if (kind !== 'constructor') Object.defineProperty(target, memberName(member), { value, configurable: true });
      }
    }
    host[externName] = members;
  }
  return host;
}

/** The imports that may wait: about half of them. */
export function anySuspending(shape: ComponentShape, random: Random): ReadonlySet<string> {
  const all = [
    ...shape.importedFunctions.map((fn) => `#${fn.name}`),
    ...shape.imports.flatMap(({ externName, functions }) => functions.map((fn) => `${externName}#${fn.name}`)),
  ];
  return new Set(all.filter(() => random.below(2) === 0));
}

function anyFunction({ result }: FunctionShape, random: Random): () => unknown {
  return () => {
    if (result?.kind === 'result' && random.below(4) === 0)
      throw new WitError(result.err && anyValue(result.err, random));
    if (random.below(50) === 0) throw new Error('the host does not want to');
    const type = result?.kind === 'result' ? result.ok : result;
    const value = type && anyValue(type, random);
    if (random.below(4) > 0) return value;
    return random.below(3) === 0 ? new Promise(() => {}) : new Promise((resolve) => setImmediate(resolve, value));
  };
}

/** A value of `type` in the conventions of the engine interface; resources are of the class of their name, if there is one. */
export function anyValue(
  type: TypeShape,
  random: Random,
  classes: ReadonlyMap<string, ResourceClass> = new Map(),
): unknown {
  const inner = (one: TypeShape): unknown => anyValue(one, random, classes);
  switch (type.kind) {
    case 'bool':
      return random.below(2) === 1;
    case 'u8':
    case 'u16':
    case 'u32':
    case 's8':
    case 's16':
    case 's32':
    case 'f32':
    case 'f64':
      return random.below(100);
    case 'u64':
    case 's64':
      return BigInt(random.below(100));
    case 'char':
      return 'c';
    case 'string':
      return 'text'.repeat(random.below(10));
    case 'list':
      return Array.from({ length: random.below(4) }, () => inner(type.element));
    case 'tuple':
      return type.elements.map((element) => inner(element));
    case 'record':
      return Object.fromEntries(type.fields.map((field) => [memberName(field.name), inner(field.type)]));
    case 'flags':
      return Object.fromEntries(type.names.map((name) => [memberName(name), random.below(2) === 1]));
    case 'enum':
      return random.pick(type.cases);
    case 'option': {
      const value = random.below(2) === 0 ? undefined : inner(type.some);
      if (type.some.kind !== 'option') return value;
      return value === undefined ? { tag: 'none' } : { tag: 'some', val: value };
    }
    case 'variant': {
      const { name, type: payload } = random.pick(type.cases);
      return { tag: name, val: payload && inner(payload) };
    }
    case 'result': {
      const tag = random.below(2) === 0 ? 'ok' : 'err';
      const payload = type[tag];
      return { tag, val: payload && inner(payload) };
    }
    case 'own':
    case 'borrow':
      return new (classes.get(type.resource) ?? Resource)();
    default:
      return new Resource();
  }
}
