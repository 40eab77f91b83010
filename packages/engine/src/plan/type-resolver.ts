import type { ExternTypeAst, TypeAst, ValueTypeRef } from '../binary/ast.js';
import { at, invalid, unsupported } from '../invalid.js';
import type { Scope, TypeItem } from './scope.js';
import type { TypeTable } from './type-table.js';
import type { FuncType, Resource, ValueType } from './types.js';

/** Turns type definitions of the binary into resolved, interned types. */
export class TypeResolver {
  readonly table: TypeTable;

  constructor(table: TypeTable) {
    this.table = table;
  }

  /** Any type definition but a resource, which only the component that runs it can make. */
  resolve(ast: Exclude<TypeAst, { kind: 'resource' }>, scope: Scope): TypeItem {
    switch (ast.kind) {
      case 'func':
        return { kind: 'func', type: this.#func(ast, scope) };
      case 'instance-type':
        return { kind: 'instance', declarations: ast.declarations, scope };
      case 'component-type':
        return { kind: 'component' };
      default:
        return { kind: 'value', type: this.#value(ast, scope) };
    }
  }

  funcType(index: number, scope: Scope): FuncType {
    const item = at(scope.types, index, 'type');
    if (item.kind !== 'func') throw invalid(`type ${index} is not a function type`);
    return item.type;
  }

  resource(index: number, scope: Scope): Resource {
    const item = at(scope.types, index, 'type');
    if (item.kind !== 'resource') throw invalid(`type ${index} is not a resource type`);
    return item.resource;
  }

  /** The type that `bound` of a type import or export stands for, when it is not a fresh resource. */
  bound(extern: Extract<ExternTypeAst, { kind: 'type' }>, scope: Scope): TypeItem | undefined {
    return extern.bound.kind === 'eq' ? at(scope.types, extern.bound.type, 'type') : undefined;
  }

  #func(ast: Extract<TypeAst, { kind: 'func' }>, scope: Scope): FuncType {
    if (ast.isAsync) throw unsupported('asynchronous functions of WASI 0.3');
    const seen = new Set<string>();
    const params = ast.params.map(({ name, type }) => {
      if (seen.has(name)) throw invalid(`a function has two parameters named ${name}`);
      seen.add(name);
      return { name, type: this.#ref(type, scope) };
    });
    const result = this.#optional(ast.result, scope);
    if (result !== undefined && holdsHandle(result, 'borrow')) throw invalid('a function result holds a borrow');
    return { params, result };
  }

  #value(ast: TypeAst, scope: Scope): ValueType {
    const { table } = this;
    switch (ast.kind) {
      case 'primitive':
        return this.#primitive(ast.name);
      case 'list':
        return table.intern({ kind: 'list', element: this.#ref(ast.element, scope) });
      case 'record': {
        const fields = ast.fields.map(({ name, type }) => ({ name, type: this.#ref(type, scope) }));
        checkDistinct(
          fields.map((field) => field.name),
          'record',
        );
        return table.intern({ kind: 'record', fields });
      }
      case 'tuple':
        return table.intern({ kind: 'tuple', elements: ast.elements.map((element) => this.#ref(element, scope)) });
      case 'variant': {
        const cases = ast.cases.map(({ name, type }) => ({ name, type: this.#optional(type, scope) }));
        checkDistinct(
          cases.map((item) => item.name),
          'variant',
        );
        return table.intern({ kind: 'variant', cases });
      }
      case 'enum':
      case 'flags':
        checkDistinct(ast.names, ast.kind);
        return table.intern({ kind: ast.kind, names: ast.names });
      case 'option':
        return table.intern({ kind: 'option', some: this.#ref(ast.some, scope) });
      case 'result':
        return table.intern({ kind: 'result', ok: this.#optional(ast.ok, scope), err: this.#optional(ast.err, scope) });
      case 'own':
      case 'borrow':
        return table.intern({ kind: ast.kind, resource: this.resource(ast.resource, scope) });
      case 'stream':
      case 'future':
        throw unsupported(`the ${ast.kind} type of WASI 0.3`);
      case 'unsupported':
        throw unsupported(ast.feature);
      default:
        throw invalid('a value type is expected where there is another type');
    }
  }

  #primitive(name: Extract<TypeAst, { kind: 'primitive' }>['name']): ValueType {
    if (name === 'error-context') throw unsupported('the error-context type');
    return this.table.intern({ kind: name });
  }

  #ref(ref: ValueTypeRef, scope: Scope): ValueType {
    if (typeof ref === 'string') return this.#primitive(ref);
    const item = at(scope.types, ref, 'type');
    if (item.kind !== 'value') throw invalid(`type ${ref} is not a value type`);
    return item.type;
  }

  #optional(ref: ValueTypeRef | undefined, scope: Scope): ValueType | undefined {
    return ref === undefined ? undefined : this.#ref(ref, scope);
  }
}

/** Names that differ only in case would meet in JavaScript, where both are spelled in camelCase. */
function checkDistinct(names: readonly string[], what: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    const folded = name.toLowerCase();
    if (seen.has(folded)) throw invalid(`a ${what} type has two members named ${name}`);
    seen.add(folded);
  }
}

/** Whether values of `type` can hold handles of this kind. */
export function holdsHandle(type: ValueType, kind: 'own' | 'borrow', seen: Set<ValueType> = new Set()): boolean {
  if (!type.hasHandle || seen.has(type)) return false;
  seen.add(type);
  const holds = (part: ValueType | undefined): boolean => part !== undefined && holdsHandle(part, kind, seen);
  switch (type.kind) {
    case 'own':
    case 'borrow':
      return type.kind === kind;
    case 'list':
      return holds(type.element);
    case 'record':
      return type.fields.some((field) => holds(field.type));
    case 'tuple':
      return type.elements.some(holds);
    case 'variant':
      return type.cases.some((item) => holds(item.type));
    case 'option':
      return holds(type.some);
    case 'result':
      return holds(type.ok) || holds(type.err);
    default:
      return false;
  }
}
