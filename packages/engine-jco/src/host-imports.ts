import {
  type ComponentImports,
  type ComponentShape,
  type FunctionShape,
  HostError,
  type TypeShape,
  WitError,
} from '@lodge/core';
import type { Life } from './life.js';
import { camelCase, pascalCase, splitFunctionName } from './names.js';
import { mapValue } from './values.js';

type HostFunction = (...args: unknown[]) => unknown;
type HostClass = (new (...args: unknown[]) => object) & Record<string, unknown>;

/** Stands for one host resource towards the generated code, so that every method call can be guarded. */
interface Wrapper {
  readonly real: object;
}

/** The imports of one life: what its guest sees of the host, and the host resources it holds. */
export class HostImports {
  readonly #life: Life;
  readonly #suspending: ReadonlySet<string>;
  readonly #classes = new Map<string, { host: HostClass; wrapper: new (real: object) => Wrapper }[]>();
  readonly #wrappers = new WeakMap<object, Wrapper>();
  /** In the order the guest got them. */
  readonly #held = new Set<object>();
  /** By `externName`, for the generated code. */
  readonly table: Record<string, unknown> = {};

  /** @throws HostError `ERR_IMPORT_INVALID` when a declared function is missing */
  constructor(shape: ComponentShape, imports: ComponentImports, suspending: ReadonlySet<string>, life: Life) {
    this.#life = life;
    this.#suspending = suspending;
    for (const one of shape.imports) {
      if (one.functions.length === 0 && one.resources.length === 0) continue;
      const given = asRecord(imports[one.externName]);
      this.table[one.externName] = this.#wrapInterface(one.externName, one.functions, one.resources, given);
    }
    for (const fn of shape.importedFunctions) {
      const given = this.#expect(imports[fn.name], `#${fn.name}`);
      this.table[fn.name] = { default: this.#guard(fn, `#${fn.name}`, given) };
    }
  }

  /** Takes a handle into the guest: an owned one is from now on the guest's. */
  toGuest(type: TypeShape & { kind: 'own' | 'borrow' }, value: unknown): unknown {
    const candidates = this.#classes.get(type.resource) ?? [];
    const found = candidates.find((one) => value instanceof one.host);
    if (found === undefined || typeof value !== 'object' || value === null) {
      if (candidates.length === 0) return value;
      throw new TypeError(`Expected a resource ${type.resource}, got something else.`);
    }
    const wrapper = this.#wrappers.get(value) ?? new found.wrapper(value);
    this.#wrappers.set(value, wrapper);
    if (type.kind === 'own') this.#held.add(value);
    return wrapper;
  }

  /** Takes a handle out of the guest: an owned one is from now on the host's. */
  fromGuest(type: TypeShape & { kind: 'own' | 'borrow' }, value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (!('real' in value)) {
      if (!this.#classes.has(type.resource)) return value;
      // jco makes an empty object of a handle that it does not know.
      throw new HostError(
        'ERR_GUEST_TRAPPED',
        `The component ${JSON.stringify(this.#life.componentName)} used a handle of ${type.resource} that it does not have.`,
        {
          details: { component: this.#life.componentName, function: type.resource, stack: [] },
        },
      );
    }
    const real = value.real as object;
    if (type.kind === 'own') this.#held.delete(real);
    return real;
  }

  /**
   * Drops what the guest still holds, newest first.
   *
   * @throws the first error of a resource, after all of them were dropped
   */
  dispose(): void {
    const held = [...this.#held].reverse();
    this.#held.clear();
    const errors: unknown[] = [];
    for (const real of held) {
      try {
        disposeOf(real);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  #wrapInterface(
    externName: string,
    functions: readonly FunctionShape[],
    resources: readonly string[],
    given: Record<string, unknown>,
  ): Record<string, unknown> {
    const table: Record<string, unknown> = {};
    for (const resource of resources) {
      const own = functions.filter((fn) => splitFunctionName(fn.name).resource === resource);
      table[pascalCase(resource)] = this.#wrapClass(externName, resource, own, given[pascalCase(resource)]);
    }
    for (const fn of functions) {
      if (fn.kind !== 'function') continue;
      const path = `${externName}#${fn.name}`;
      table[camelCase(fn.name)] = this.#guard(fn, path, this.#expect(given[camelCase(fn.name)], path));
    }
    return table;
  }

  #wrapClass(externName: string, resource: string, functions: readonly FunctionShape[], given: unknown): unknown {
    const host = this.#expect(given, `${externName}#${resource}`) as unknown as HostClass;
    const guardedConstructors: HostFunction[] = [];
    const held = this.#held;
    const wrappers = this.#wrappers;
    // The constructor of the wrapper class serves both: a real object to stand for, or the guest's `new`.
    const Wrapping = class {
      real: object;
      constructor(...args: unknown[]) {
        const [first] = args;
        const construct = guardedConstructors[0];
        if (args.length === 1 && first instanceof host) this.real = first;
        else if (construct !== undefined) this.real = (construct(...args) as Wrapper).real;
        else throw new TypeError(`${resource} has no constructor`);
        wrappers.set(this.real, this);
      }
      [Symbol.dispose](): void {
        held.delete(this.real);
        disposeOf(this.real);
      }
    };
    this.#classes.set(resource, [...(this.#classes.get(resource) ?? []), { host, wrapper: Wrapping }]);
    for (const fn of functions) {
      const member = camelCase(splitFunctionName(fn.name).member);
      const path = `${externName}#${fn.name}`;
      if (fn.kind === 'constructor') {
        guardedConstructors.push(this.#guard(fn, path, (...args) => new host(...args)));
      } else if (fn.kind === 'static') {
        const method = this.#expect(host[member], path);
        Object.defineProperty(Wrapping, member, {
          value: this.#guard(fn, path, (...args) => method.apply(host, args)),
        });
      } else {
        const method = this.#expect((host.prototype as Record<string, unknown>)[member], path);
        const guarded = this.#guard(fn, path, (self, ...args) => method.apply(self, args));
        Object.defineProperty(Wrapping.prototype, member, {
          value(this: Wrapper, ...args: unknown[]): unknown {
            return guarded(this, ...args);
          },
        });
      }
    }
    return Wrapping;
  }

  #expect(value: unknown, path: string): HostFunction {
    if (typeof value === 'function') return value as HostFunction;
    const problem = value === undefined ? 'is missing' : `is ${typeof value}, not a function`;
    throw new HostError('ERR_IMPORT_INVALID', `The import ${path} ${problem}. Give an implementation of it.`, {
      details: { import: path },
    });
  }

  #guard(fn: FunctionShape, path: string, implementation: HostFunction): HostFunction {
    const life = this.#life;
    const maySuspend = this.#suspending.has(path);
    const resultType = fn.result?.kind === 'result' ? fn.result.ok : fn.result;
    const convert = (result: unknown): unknown =>
      resultType === undefined ? undefined : mapValue(resultType, result, (type, value) => this.toGuest(type, value));
    const fail = (error: unknown): Error => {
      if (fn.result?.kind === 'result' && WitError.is(error)) return this.#lowerError(fn.result.err, error);
      return life.failHostCall(error, path);
    };
    return (...args) => {
      if (life.failure !== undefined) throw life.fail(life.failure);
      let result: unknown;
      try {
        const lifted = fn.params.map((param, index) =>
          mapValue(param.type, args[index], (type, value) => this.fromGuest(type, value)),
        );
        result = implementation(...lifted);
        if (!isThenable(result)) return convert(result);
      } catch (error) {
        throw fail(error);
      }
      if (!maySuspend) {
        Promise.resolve(result).catch(() => {});
        throw fail(new TypeError(`${path} returned a promise but was not declared as suspending`));
      }
      return Promise.resolve(result)
        .then(convert)
        .catch((error: unknown) => Promise.reject(fail(error)));
    };
  }

  #lowerError(type: TypeShape | undefined, error: WitError): Error {
    if (type === undefined) return new WitError(undefined);
    return new WitError(mapValue(type, error.payload, (handle, value) => this.toGuest(handle, value)));
  }
}

function disposeOf(resource: object): void {
  const dispose: unknown = Reflect.get(resource, Symbol.dispose);
  if (typeof dispose === 'function') dispose.call(resource);
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
