import { type ComponentImports, type ComponentInfo, WitError } from '@lodge/core';
import { type Attributes, context, ProxyTracerProvider, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';

/** Options of {@link importTracing}. */
export interface ImportTracingOptions {
  /** What names of spans begin with, such as `wasi.keyvalue`; the name of the function follows: `wasi.keyvalue.list_keys`. */
  readonly prefix: string;
  /** Who calls. */
  readonly component: ComponentInfo;
}

type HostFunction = (...args: unknown[]) => unknown;

const scopeName = '@lodge/plugins';

/**
 * Gives the imports of a component a span around each call of a function, static function or method. The tracer is looked for here and never again: without one
 * imports come back as they are, and calls cost nothing.
 */
export function importTracing({
  prefix,
  component,
}: ImportTracingOptions): (imports: ComponentImports) => ComponentImports {
  const tracer = findTracer();
  if (tracer === undefined) return (imports) => imports;
  const { name, workload } = component;
  const attributes = {
    'lodge.workload.name': workload.name,
    'lodge.workload.namespace': workload.namespace,
    'lodge.component.name': name,
  };
  return (imports) => {
    const interfaces = Object.entries(imports).map(([externName, object]) => [externName, membersOf(object)] as const);
    const classes = interfaces.flatMap(([, members]) => members.map(([, value]) => value).filter(isResourceClass));
    const spans = new Spans(tracer, { prefix, attributes, classes });
    const traced = interfaces.map(([externName, members]) => {
      const around = members.map(([member, value]) => [member, spans.around(member, value)] as const);
      return [externName, Object.freeze(Object.fromEntries(around))] as const;
    });
    return Object.freeze(Object.fromEntries(traced));
  };
}

function membersOf(object: unknown): [string, unknown][] {
  return typeof object === 'object' && object !== null ? Object.entries(object) : [];
}

/** The tracer of the SDK that is registered, if one is. */
function findTracer(): Tracer | undefined {
  const provider = trace.getTracerProvider();
  if (!(provider instanceof ProxyTracerProvider)) return provider.getTracer(scopeName);
  return provider.getDelegateTracer(scopeName);
}

interface SpansOptions {
  readonly prefix: string;
  readonly attributes: Attributes;
  /** Of the resources of these interfaces. Those of others, such as streams, are not ours to trace. */
  readonly classes: readonly object[];
}

class Spans {
  readonly #tracer: Tracer;
  readonly #options: SpansOptions;
  readonly #known = new WeakSet<object>();

  constructor(tracer: Tracer, options: SpansOptions) {
    this.#tracer = tracer;
    this.#options = options;
  }

  around(member: string, value: unknown): unknown {
    if (isResourceClass(value)) return this.#aroundClass(value);
    return typeof value === 'function' ? this.#aroundFunction(member, value as HostFunction) : value;
  }

  #aroundFunction(member: string, original: HostFunction, self?: unknown): HostFunction {
    const name = `${this.#options.prefix}.${member.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    return (...args) => this.#inSpan(name, () => Reflect.apply(original, self, args));
  }

  /** Engines call static functions on the class, and look at its prototype. */
  #aroundClass(resource: object): object {
    const statics = new Map<PropertyKey, HostFunction>();
    return new Proxy(resource, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function' || typeof key !== 'string') return value;
        const known = statics.get(key) ?? this.#aroundFunction(key, value as HostFunction, target);
        statics.set(key, known);
        return known;
      },
    });
  }

  /** Engines call methods on the resource itself. */
  #aroundResource(resource: object): void {
    const isOurs = this.#options.classes.some((type) => typeof type === 'function' && resource instanceof type);
    if (!isOurs || this.#known.has(resource)) return;
    this.#known.add(resource);
    for (const member of methodsOf(resource)) {
      const original: unknown = Reflect.get(resource, member);
      if (typeof original !== 'function') continue;
      const value = this.#aroundFunction(member, original as HostFunction, resource);
      Object.defineProperty(resource, member, { value, configurable: true });
    }
  }

  #inSpan(name: string, work: () => unknown): unknown {
    const span = this.#tracer.startSpan(name, { attributes: this.#options.attributes });
    const end = (failure?: unknown): void => {
      // An `err` result is an answer, not a fault of the call.
      if (failure !== undefined && !WitError.is(failure)) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    };
    const succeed = (result: unknown): unknown => {
      if (isResource(result)) this.#aroundResource(result);
      end();
      return result;
    };
    const fail = (error: unknown): never => {
      end(error);
      throw error;
    };
    return context.with(trace.setSpan(context.active(), span), () => {
      let result: unknown;
      try {
        result = work();
      } catch (error) {
        return fail(error);
      }
      return result instanceof Promise ? result.then(succeed, fail) : succeed(result);
    });
  }
}

function isResource(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Symbol.dispose in value;
}

function isResourceClass(value: unknown): value is object {
  return typeof value === 'function' && isResource(value.prototype);
}

/** Of its class and those above it. */
function methodsOf(resource: object): Set<string> {
  const names = new Set<string>();
  let prototype: unknown = Object.getPrototypeOf(resource);
  while (typeof prototype === 'object' && prototype !== null && prototype !== Object.prototype) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const isGetter = Object.getOwnPropertyDescriptor(prototype, name)?.get !== undefined;
      if (name !== 'constructor' && !isGetter) names.add(name);
    }
    prototype = Object.getPrototypeOf(prototype);
  }
  return names;
}
