import type { InterfaceId } from './interface-id.js';

/** What a component asks for and offers, read from its binary without running anything of it. */
export interface ComponentShape {
  /** Imported interfaces, in the component's order. */
  readonly imports: readonly InterfaceShape[];
  /** Exported interfaces, in the component's order. */
  readonly exports: readonly InterfaceShape[];
  /** Functions that the world imports outside of any interface. */
  readonly importedFunctions: readonly FunctionShape[];
  /** Functions that the world exports outside of any interface. */
  readonly exportedFunctions: readonly FunctionShape[];
}

/** One imported or exported interface of a component. */
export interface InterfaceShape {
  /**
   * The component's own name for it: a versioned id (`wasi:io/poll@0.2.0`) or a plain label (`cache`).
   * The key in `ComponentImports` and `ComponentExports`.
   */
  readonly externName: string;
  /** The interface behind the name: the id itself, or the `implements` annotation of a label. Unset: neither. */
  readonly id: InterfaceId | undefined;
  readonly functions: readonly FunctionShape[];
  /** WIT names of the resources that the interface defines. */
  readonly resources: readonly string[];
}

/** How a function is bound to a resource, if it is. */
export type FunctionKind = 'function' | 'method' | 'static' | 'constructor';

/** The signature of one function. */
export interface FunctionShape {
  /** The WIT name as the binary spells it: `get-random-bytes`, `[method]pollable.block`, `[constructor]fields`. */
  readonly name: string;
  readonly kind: FunctionKind;
  /** Whether the WIT type is `async func` (WASI 0.3). */
  readonly isAsync: boolean;
  /** Parameters in order; a method's first one is its `self`. */
  readonly params: readonly NamedType[];
  readonly result: TypeShape | undefined;
}

/** A parameter or a record field. */
export interface NamedType {
  readonly name: string;
  readonly type: TypeShape;
}

/** The types that need no further description. */
export type PrimitiveKind =
  | 'bool'
  | 's8'
  | 'u8'
  | 's16'
  | 'u16'
  | 's32'
  | 'u32'
  | 's64'
  | 'u64'
  | 'f32'
  | 'f64'
  | 'char'
  | 'string'
  | 'error-context';

/** A WIT type as plain data. `stream` and `future` are reserved for WASI 0.3. */
export type TypeShape =
  | { readonly kind: PrimitiveKind }
  | { readonly kind: 'list'; readonly element: TypeShape; readonly length?: number }
  | { readonly kind: 'map'; readonly key: TypeShape; readonly value: TypeShape }
  | { readonly kind: 'record'; readonly fields: readonly NamedType[] }
  | { readonly kind: 'tuple'; readonly elements: readonly TypeShape[] }
  | { readonly kind: 'variant'; readonly cases: readonly VariantCase[] }
  | { readonly kind: 'enum'; readonly cases: readonly string[] }
  | { readonly kind: 'option'; readonly some: TypeShape }
  | { readonly kind: 'result'; readonly ok: TypeShape | undefined; readonly err: TypeShape | undefined }
  | { readonly kind: 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'own' | 'borrow'; readonly resource: string; readonly owner: ResourceOwner | undefined }
  | { readonly kind: 'stream' | 'future'; readonly element: TypeShape | undefined };

/** The interface of a component that defines a resource: two resources of one name are different types. */
export interface ResourceOwner {
  /** `export`: the guest makes the resource. */
  readonly direction: 'import' | 'export';
  /** As in {@link InterfaceShape}. */
  readonly externName: string;
}

/** One case of a variant. */
export interface VariantCase {
  readonly name: string;
  readonly type: TypeShape | undefined;
}
