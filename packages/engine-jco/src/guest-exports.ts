import {
  type ComponentExports,
  type ComponentShape,
  type FunctionShape,
  type GuestFunction,
  HostError,
  type InterfaceShape,
  type TypeShape,
  WitError,
} from '@lodge/core';
import type { HostImports } from './host-imports.js';
import type { Life } from './life.js';
import { camelCase, pascalCase, splitFunctionName } from './names.js';
import { mapValue } from './values.js';

type GuestClass = GuestFunction & Record<string, GuestFunction>;
type Handle = TypeShape & { kind: 'own' | 'borrow' };

/** The exports of one life, on top of what the generated code returned. */
export class GuestExports {
  /** By `externName`, or by member name for functions of the world. */
  readonly table: ComponentExports;
  readonly #life: Life;
  readonly #host: HostImports;
  readonly #classes = new Map<string, GuestClass>();
  /** Resources of the guest that were disposed of, or given back to it. */
  readonly #gone = new WeakSet<object>();

  constructor(shape: ComponentShape, raw: Record<string, unknown>, life: Life, host: HostImports) {
    this.#life = life;
    this.#host = host;
    const table: Record<string, GuestFunction | Readonly<Record<string, GuestFunction>>> = {};
    for (const one of shape.exports) {
      table[one.externName] = this.#guardInterface(one, raw[one.externName] as Record<string, GuestFunction>);
    }
    for (const fn of shape.exportedFunctions) {
      table[camelCase(fn.name)] = this.#guard(fn, `#${fn.name}`, raw[camelCase(fn.name)] as GuestFunction);
    }
    this.table = table;
  }

  #guardInterface(shape: InterfaceShape, raw: Record<string, GuestFunction>): Record<string, GuestFunction> {
    const members: Record<string, GuestFunction> = Object.create(null);
    for (const resource of shape.resources) {
      const rawClass = raw[pascalCase(resource)] as GuestClass | undefined;
      if (rawClass !== undefined) members[pascalCase(resource)] = this.#guardClass(shape, resource, rawClass);
    }
    for (const fn of shape.functions) {
      const rawFunction = raw[camelCase(fn.name)];
      if (fn.kind !== 'function' || rawFunction === undefined) continue;
      members[camelCase(fn.name)] = this.#guard(fn, `${shape.externName}#${fn.name}`, rawFunction);
    }
    return members;
  }

  /** The class is of this life alone, so its members are replaced in place. */
  #guardClass(shape: InterfaceShape, resource: string, rawClass: GuestClass): GuestFunction {
    this.#classes.set(resource, rawClass);
    let construct: GuestFunction = () => {
      throw new TypeError(`The resource ${resource} has no constructor.`);
    };
    for (const fn of shape.functions) {
      const { resource: of, member } = splitFunctionName(fn.name);
      if (of !== resource) continue;
      const path = `${shape.externName}#${fn.name}`;
      if (fn.kind === 'constructor') {
        construct = this.#guard(fn, path, (...args: unknown[]) => Reflect.construct(rawClass, args));
      } else if (fn.kind === 'static') {
        Object.defineProperty(rawClass, camelCase(member), {
          value: this.#guard(fn, path, rawClass[camelCase(member)] as GuestFunction),
        });
      } else {
        this.#guardMethod(fn, path, rawClass.prototype as Record<string, GuestFunction>, camelCase(member));
      }
    }
    return new Proxy(rawClass, { construct: (_target, args) => construct(...args) });
  }

  #guardMethod(fn: FunctionShape, path: string, prototype: Record<string, GuestFunction>, member: string): void {
    const original = prototype[member] as GuestFunction;
    const guarded = this.#guard(fn, path, (self: unknown, ...args: unknown[]) => original.apply(self, args));
    Object.defineProperty(prototype, member, {
      value(this: unknown, ...args: unknown[]): unknown {
        return guarded(this, ...args);
      },
    });
  }

  /** Takes a handle out of the guest. A resource of the guest gets a dispose that keeps to the instance's life. */
  #lift(type: Handle, value: unknown): unknown {
    const guestClass = this.#classes.get(type.resource);
    if (guestClass === undefined || !(value instanceof guestClass)) return this.#host.fromGuest(type, value);
    const dispose: unknown = Reflect.get(value, Symbol.dispose);
    Object.defineProperty(value, Symbol.dispose, {
      writable: true,
      value: () => {
        if (this.#gone.has(value)) return;
        this.#gone.add(value);
        const isAlive = !this.#life.isClosed && !this.#life.isPoisoned;
        if (isAlive && typeof dispose === 'function') dispose.call(value);
      },
    });
    return value;
  }

  #guard(fn: FunctionShape, path: string, raw: GuestFunction): GuestFunction {
    const life = this.#life;
    const resultType = fn.result?.kind === 'result' ? fn.result.ok : fn.result;
    const lift = (result: unknown): unknown =>
      resultType === undefined ? undefined : mapValue(resultType, result, (type, value) => this.#lift(type, value));
    const translate = (error: unknown): unknown => {
      if (life.failure !== undefined) return life.failure;
      if (fn.result?.kind === 'result' && !(error instanceof Error))
        return new WitError(this.#liftError(fn.result.err, error));
      life.isPoisoned = true;
      return trapped(error, path, life.componentName);
    };
    return (...args) => {
      life.enter();
      let result: unknown;
      try {
        const lowered = this.#lowerArguments(fn, args);
        try {
          result = raw(...lowered);
        } catch (error) {
          throw translate(error);
        }
        if (!(result instanceof Promise)) {
          if (life.failure !== undefined) throw life.failure;
          result = lift(result);
        }
      } catch (error) {
        life.leave();
        throw error;
      }
      if (!(result instanceof Promise)) {
        life.leave();
        return result;
      }
      return life.settle(result).then(
        (value) => {
          life.leave();
          return lift(value);
        },
        (error: unknown) => {
          life.leave();
          throw translate(error);
        },
      );
    };
  }

  #liftError(type: TypeShape | undefined, payload: unknown): unknown {
    return type === undefined ? undefined : mapValue(type, payload, (handle, value) => this.#lift(handle, value));
  }

  /** @throws TypeError before anything of the guest has run */
  #lowerArguments(fn: FunctionShape, args: readonly unknown[]): unknown[] {
    const given: object[] = [];
    const lower = (type: Handle, value: unknown): unknown => {
      const guestClass = this.#classes.get(type.resource);
      if (guestClass === undefined) return this.#host.toGuest(type, value);
      if (!(value instanceof guestClass)) throw new TypeError(`Expected a resource ${type.resource} of this instance.`);
      if (this.#gone.has(value)) throw new TypeError(`The resource ${type.resource} was disposed of or given away.`);
      if (type.kind === 'own') given.push(value);
      return value;
    };
    const lowered = fn.params.map((param, index) => mapValue(param.type, args[index], lower));
    for (const resource of given) this.#gone.add(resource);
    return lowered;
  }
}

/** The error for a start function that trapped. */
export function trapInStart(error: unknown, component: string): HostError {
  return HostError.is(error) ? error : trapped(error, 'start', component);
}

function trapped(error: unknown, path: string, component: string): HostError {
  const reason = error instanceof Error ? error.message : 'unknown reason';
  const stack = error instanceof Error ? guestFrames(error) : [];
  const message = `The component ${JSON.stringify(component)} trapped in ${path}: ${reason}. Its stack: ${stack.join(' < ') || 'unknown'}.`;
  return new HostError('ERR_GUEST_TRAPPED', message, { cause: error, details: { component, function: path, stack } });
}

/** The names of the guest's functions on the stack, innermost first. */
function guestFrames(error: Error): string[] {
  const frames = [
    ...(error.stack ?? '').matchAll(/^\s*at (?:async )?(?:(\S+) \()?wasm:\/\/[^\n]*wasm-function\[(\d+)\]/gm),
  ];
  return frames.map(([, name, index]) => name ?? `function ${index}`);
}
