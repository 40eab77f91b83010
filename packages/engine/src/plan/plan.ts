import type { CoreModule } from '../binary/core-module.js';
import type { Instance } from './scope.js';
import type { CoreItem, FuncType, HostFunc, Lift, MemoryContext, Resource, Trampoline } from './types.js';

/**
 * Everything that instantiating a component graph takes, flattened: no nesting, no aliases, no names to look up. Made once per
 * compilation by {@link planGraph}; the glue generator turns it into one JavaScript function.
 */
export interface Plan {
  readonly modules: readonly PlannedModule[];
  /** Core instances, in the order in which they are made. */
  readonly coreInstances: readonly PlannedCoreInstance[];
  readonly trampolines: readonly Trampoline[];
  readonly contexts: readonly MemoryContext[];
  readonly lifts: readonly Lift[];
  readonly hostFuncs: readonly HostFuncPlan[];
  readonly resources: readonly Resource[];
  /** Component instances, each with its own handle table. The value is the component of the graph it belongs to. */
  readonly componentInstances: readonly string[];
  /** The exports of the root component. */
  readonly exports: Instance;
}

export interface PlannedModule {
  readonly bytes: Uint8Array;
  readonly info: CoreModule;
  /** The component of the graph that holds the module, for messages. */
  readonly unit: string;
}

export interface PlannedCoreInstance {
  readonly module: number;
  /** In the order of the module's own imports. */
  readonly imports: readonly { readonly module: string; readonly name: string; readonly item: CoreItem }[];
}

export interface HostFuncPlan extends HostFunc {
  readonly type: FuncType;
}
