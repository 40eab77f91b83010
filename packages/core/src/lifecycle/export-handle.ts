import type { ComponentExports, ComponentInstance, GuestFunction } from '../engine.js';
import { HostError } from '../errors.js';
import { type CallBody, invoke } from '../instances/call.js';
import type { InstanceSource } from '../instances/instance-source.js';
import type { CallOptions, ExportHandle, InvokeOptions } from '../plugin.js';
import type { CallScope } from '../scope.js';
import type { ComponentInfo } from '../workload.js';

/** An exported function, bound to the instances of its component. */
export class BoundExport implements ExportHandle, CallBody<CallOptions> {
  readonly component: ComponentInfo;
  readonly externName: string;
  readonly operation: string;
  readonly #source: InstanceSource;
  readonly #member: string;

  /** `name` is the WIT name of a function of the interface. */
  constructor(source: InstanceSource, externName: string, name: string) {
    this.component = source.component;
    this.externName = externName;
    this.operation = `${source.component.name}: ${externName}#${name}`;
    this.#source = source;
    this.#member = toMemberName(name);
  }

  call<R = unknown>(options: CallOptions): Promise<R> {
    // The engine knows the type of the result no better than the caller does.
    return invoke(this.#source, this, options) as Promise<R>;
  }

  run(instance: ComponentInstance, call: CallScope, options: CallOptions): unknown {
    const members = instance.exports[this.externName];
    const exported: GuestFunction | undefined = typeof members === 'object' ? members[this.#member] : undefined;
    if (exported === undefined) {
      throw new HostError('ERR_EXPORT_NOT_FOUND', `the engine's instance has no export ${this.operation}`);
    }
    return exported(...options.args(call));
  }
}

/** What `useInstance` does, as the body of one call. */
export class InstanceUse<T> implements CallBody<InvokeOptions> {
  readonly operation: string;
  readonly #use: (exports: ComponentExports, scope: CallScope) => T | PromiseLike<T>;

  constructor(component: string, use: (exports: ComponentExports, scope: CallScope) => T | PromiseLike<T>) {
    this.operation = `${component}: useInstance`;
    this.#use = use;
  }

  run(instance: ComponentInstance, call: CallScope): unknown {
    return this.#use(instance.exports, call);
  }
}

/** `incoming-handler` is `incomingHandler` in JavaScript. */
function toMemberName(name: string): string {
  return name.replaceAll(/-([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
