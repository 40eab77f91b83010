import type { CoreModule } from './core-module.js';

/** The definitions of a component, in the order of the binary. Indices are those of the binary's index spaces. */
export interface ComponentAst {
  readonly definitions: readonly Definition[];
}

export type CoreSort = 'func' | 'table' | 'memory' | 'global' | 'tag' | 'type' | 'module' | 'instance';
export type Sort = 'core' | 'func' | 'value' | 'type' | 'component' | 'instance';

/** A reference into one of the index spaces; `core` is set when `sort` is `core`. */
export interface SortIndex {
  readonly sort: Sort;
  readonly core: CoreSort | undefined;
  readonly index: number;
}

export interface Argument {
  readonly name: string;
  readonly item: SortIndex;
}

export interface ExternName {
  readonly name: string;
  /** The `implements` attribute of a label. */
  readonly implements: string | undefined;
}

export type Definition =
  | { readonly kind: 'core-module'; readonly bytes: Uint8Array; readonly info: CoreModule }
  | { readonly kind: 'core-instance'; readonly expression: CoreInstanceExpression }
  | { readonly kind: 'component'; readonly component: ComponentAst }
  | { readonly kind: 'instance'; readonly expression: InstanceExpression }
  | { readonly kind: 'alias'; readonly alias: AliasAst }
  | { readonly kind: 'type'; readonly type: TypeAst }
  | { readonly kind: 'canon'; readonly canon: CanonAst }
  | { readonly kind: 'import'; readonly name: ExternName; readonly extern: ExternTypeAst }
  | {
      readonly kind: 'export';
      readonly name: ExternName;
      readonly item: SortIndex;
      readonly extern: ExternTypeAst | undefined;
    };

export type CoreInstanceExpression =
  | {
      readonly kind: 'instantiate';
      readonly module: number;
      readonly args: readonly { readonly name: string; readonly instance: number }[];
    }
  | {
      readonly kind: 'exports';
      readonly exports: readonly { readonly name: string; readonly sort: CoreSort; readonly index: number }[];
    };

export type InstanceExpression =
  | { readonly kind: 'instantiate'; readonly component: number; readonly args: readonly Argument[] }
  | { readonly kind: 'exports'; readonly exports: readonly Argument[] };

export type AliasAst =
  | { readonly target: 'export'; readonly item: SortIndex; readonly name: string }
  | { readonly target: 'core-export'; readonly item: SortIndex; readonly name: string }
  | { readonly target: 'outer'; readonly item: SortIndex; readonly depth: number };

export type PrimitiveName =
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

/** A primitive, or the index of a type definition. */
export type ValueTypeRef = PrimitiveName | number;

export interface LabelledType {
  readonly name: string;
  readonly type: ValueTypeRef;
}

export type TypeAst =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName }
  | { readonly kind: 'record'; readonly fields: readonly LabelledType[] }
  | {
      readonly kind: 'variant';
      readonly cases: readonly { readonly name: string; readonly type: ValueTypeRef | undefined }[];
    }
  | { readonly kind: 'list'; readonly element: ValueTypeRef }
  | { readonly kind: 'tuple'; readonly elements: readonly ValueTypeRef[] }
  | { readonly kind: 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly some: ValueTypeRef }
  | { readonly kind: 'result'; readonly ok: ValueTypeRef | undefined; readonly err: ValueTypeRef | undefined }
  | { readonly kind: 'own' | 'borrow'; readonly resource: number }
  | { readonly kind: 'stream' | 'future'; readonly element: ValueTypeRef | undefined }
  | { readonly kind: 'unsupported'; readonly feature: string }
  | { readonly kind: 'resource'; readonly destructor: number | undefined }
  | {
      readonly kind: 'func';
      readonly isAsync: boolean;
      readonly params: readonly LabelledType[];
      readonly result: ValueTypeRef | undefined;
    }
  | { readonly kind: 'component-type' }
  | { readonly kind: 'instance-type'; readonly declarations: readonly Declaration[] };

/** What an instance type says of an instance, in order. */
export type Declaration =
  | { readonly kind: 'type'; readonly type: TypeAst }
  | { readonly kind: 'alias'; readonly alias: AliasAst }
  | { readonly kind: 'export'; readonly name: ExternName; readonly extern: ExternTypeAst };

export type ExternTypeAst =
  | { readonly kind: 'core-module' | 'func' | 'component' | 'instance'; readonly type: number }
  | {
      readonly kind: 'type';
      readonly bound: { readonly kind: 'eq'; readonly type: number } | { readonly kind: 'sub-resource' };
    }
  | { readonly kind: 'value' };

export type StringEncoding = 'utf8' | 'utf16' | 'latin1+utf16';

export interface CanonOptions {
  readonly encoding: StringEncoding;
  readonly memory: number | undefined;
  readonly realloc: number | undefined;
  readonly postReturn: number | undefined;
  readonly isAsync: boolean;
}

export type CanonAst =
  | { readonly kind: 'lift'; readonly func: number; readonly options: CanonOptions; readonly type: number }
  | { readonly kind: 'lower'; readonly func: number; readonly options: CanonOptions }
  | { readonly kind: 'resource.new' | 'resource.drop' | 'resource.rep'; readonly resource: number };
