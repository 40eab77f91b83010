import type { PrimitiveName, StringEncoding } from '../binary/ast.js';
import type { CoreFuncType, CoreValueType } from '../binary/core-module.js';

/**
 * A value type, resolved and interned: two structurally equal types of a plan are the same object, so `===` compares them and
 * generated helpers are shared. Layout follows the canonical ABI for 32-bit memories.
 */
export type ValueType = TypeLayout & TypeForm;

export interface TypeLayout {
  /** Unique in its plan. */
  readonly id: number;
  /** Bytes in linear memory. */
  readonly size: number;
  readonly align: number;
  /** Core values it flattens to; undefined: more than the 16 that pass in registers. */
  readonly flat: readonly CoreValueType[] | undefined;
  readonly depth: number;
  /** Parts that it consists of, each counted as often as it occurs. */
  readonly weight: number;
  readonly hasHandle: boolean;
  /** Whether lowering it may allocate guest memory. */
  readonly hasPointer: boolean;
}

export type TypeForm =
  | { readonly kind: Exclude<PrimitiveName, 'error-context'> }
  | { readonly kind: 'list'; readonly element: ValueType }
  | { readonly kind: 'record'; readonly fields: readonly Field[] }
  | { readonly kind: 'tuple'; readonly elements: readonly ValueType[] }
  | { readonly kind: 'variant'; readonly cases: readonly Case[] }
  | { readonly kind: 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly some: ValueType }
  | { readonly kind: 'result'; readonly ok: ValueType | undefined; readonly err: ValueType | undefined }
  | { readonly kind: 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'own' | 'borrow'; readonly resource: Resource };

export interface Field {
  readonly name: string;
  readonly type: ValueType;
}

export interface Case {
  readonly name: string;
  readonly type: ValueType | undefined;
}

/** A resource type of a plan. */
export interface Resource {
  readonly id: number;
  readonly name: string;
  /** The component instance that defines it; undefined: the host does. */
  readonly owner: number | undefined;
  readonly destructor: CoreFunc | undefined;
}

export interface FuncType {
  readonly params: readonly Field[];
  readonly result: ValueType | undefined;
}

/** A core function as the plan sees it. */
export type CoreFunc =
  | {
      readonly kind: 'export';
      readonly instance: number;
      readonly name: string;
      readonly type: CoreFuncType | undefined;
    }
  | { readonly kind: 'trampoline'; readonly index: number; readonly type: CoreFuncType };

/** A memory, table, global or tag that a core instance exports. */
export interface CoreExternRef {
  readonly kind: 'table' | 'memory' | 'global' | 'tag';
  readonly instance: number;
  readonly name: string;
}

export type CoreItem = CoreFunc | CoreExternRef;

/** How values cross between a component instance and its outside, resolved from the canonical options. */
export interface MemoryContext {
  readonly index: number;
  readonly component: number;
  readonly encoding: StringEncoding;
  readonly memory: CoreExternRef | undefined;
  readonly realloc: CoreFunc | undefined;
}

/** A component-level function. */
export type Func =
  | { readonly kind: 'host'; readonly host: HostFunc; readonly type: FuncType }
  | { readonly kind: 'lift'; readonly lift: Lift; readonly type: FuncType };

/** A function that the host must provide. */
export interface HostFunc {
  readonly index: number;
  /** The component of the graph that imports it. */
  readonly unit: string;
  /** Empty for a function that the world imports outside of any interface. */
  readonly externName: string;
  readonly name: string;
  readonly isSuspending: boolean;
}

/** A core function lifted to a component-level one. */
export interface Lift {
  readonly index: number;
  readonly core: CoreFunc;
  readonly type: FuncType;
  readonly context: MemoryContext;
  readonly postReturn: CoreFunc | undefined;
}

/** A JavaScript function handed to core modules. */
export type Trampoline = LowerTrampoline | ResourceTrampoline;

/** A component-level function lowered to a core one. */
export interface LowerTrampoline {
  readonly kind: 'lower';
  readonly func: Func;
  readonly context: MemoryContext;
  readonly core: CoreFuncType;
}

/** A canonical built-in for handles. */
export interface ResourceTrampoline {
  readonly kind: 'resource.new' | 'resource.drop' | 'resource.rep';
  readonly resource: Resource;
  readonly component: number;
  readonly core: CoreFuncType;
}
