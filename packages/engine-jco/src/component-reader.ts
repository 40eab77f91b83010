import { ByteReader } from './byte-reader.js';
import type { Exports, FunctionItem, Item, TypeItem } from './component-types.js';
import { readDefinedType, readValueType } from './component-types.js';

/** The core modules and the names found on the way, for the scan that comes before code is generated. */
export interface Findings {
  readonly modules: Uint8Array[];
  readonly names: string[];
  /** String encodings that the translation does not know. */
  readonly encodings: Set<string>;
  /** How often component bodies were followed: nested instantiation must not become exponential. */
  readonly runs: { count: number };
}

/** A component as its importers see it. */
export interface ReadComponent {
  readonly imports: Exports;
  readonly exports: Exports;
}

/** The index spaces of one component or of one component or instance type. */
interface Scope {
  readonly parent: Scope | undefined;
  readonly types: TypeItem[];
  readonly functions: FunctionItem[];
  readonly instances: Exports[];
  readonly components: ((given: Exports) => Exports)[];
  readonly imports: Map<string, Item>;
  readonly exports: Map<string, Item>;
}

/** How deep components and types may nest, so that hostile bytes cannot overflow the stack. */
const maxDepth = 100;

/** How many component bodies one component may make us follow. */
const maxRuns = 10_000;

/**
 * Follows the definitions of a component as far as its types need it. Names nothing that is only known at run time, and
 * leaves validation to the tool that translates the component.
 *
 * @throws RangeError | TypeError when the bytes are not a component
 */
export function readComponent(bytes: Uint8Array, findings: Findings): ReadComponent {
  const scope = runComponent(bytes.subarray(8), undefined, undefined, findings, 0);
  return { imports: scope.imports, exports: scope.exports };
}

function newScope(parent: Scope | undefined): Scope {
  return { parent, types: [], functions: [], instances: [], components: [], imports: new Map(), exports: new Map() };
}

/** @param given the arguments of an instantiation; `undefined`: the outermost component, whose imports are what they are declared as */
function runComponent(
  body: Uint8Array,
  parent: Scope | undefined,
  given: Exports | undefined,
  findings: Findings,
  depth: number,
): Scope {
  if (depth > maxDepth) throw new RangeError('components are nested too deep');
  if (++findings.runs.count > maxRuns) throw new RangeError('components are instantiated too often');
  const scope = newScope(parent);
  const reader = new ByteReader(body);
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const section = reader.take(reader.u32());
    readSection(id, section, scope, given, findings, depth);
  }
  return scope;
}

function readSection(
  id: number,
  bytes: Uint8Array,
  scope: Scope,
  given: Exports | undefined,
  findings: Findings,
  depth: number,
): void {
  const reader = new ByteReader(bytes);
  const name = (): string => {
    const text = reader.name();
    findings.names.push(text);
    return text;
  };
  switch (id) {
    case 0:
    case 9:
    case 12:
      return;
    case 1:
      findings.modules.push(bytes);
      return;
    case 2:
      reader.list(() => readCoreInstance(reader, name));
      return;
    case 3:
      throw new TypeError('core types in a component are not supported');
    case 4:
      // Instantiated once while reading, so that its modules and names are found even where nothing uses it.
      runComponent(bytes.subarray(8), scope, new Map(), findings, depth + 1);
      scope.components.push(
        (args) =>
          runComponent(bytes.subarray(8), scope, args, { ...findings, modules: [], names: [] }, depth + 1).exports,
      );
      return;
    case 5:
      reader.list(() => scope.instances.push(readInstance(reader, name, scope)));
      return;
    case 6:
      reader.list(() => readAlias(reader, name, scope));
      return;
    case 7:
      reader.list(() => scope.types.push(readType(reader, name, scope, depth)));
      return;
    case 8:
      reader.list(() => readCanon(reader, scope, findings));
      return;
    case 10:
      reader.list(() => {
        const extern = readExternName(reader, name);
        const declared = readExternType(reader, scope, extern);
        const item = given?.get(extern) ?? declared;
        scope.imports.set(extern, item);
        define(scope, item);
      });
      return;
    case 11:
      reader.list(() => {
        const extern = readExternName(reader, name);
        const item = readSortIndex(reader, scope);
        const ascribed = reader.optional(() => readExternType(reader, scope, extern));
        const exported = item.kind === 'type' || ascribed === undefined ? item : ascribed;
        nameResource(exported, extern);
        scope.exports.set(extern, exported);
        define(scope, exported);
      });
      return;
    default:
      throw new TypeError(`there is no section with the number ${id}`);
  }
}

function readCoreInstance(reader: ByteReader, name: () => string): void {
  const isInline = reader.byte() === 1;
  if (!isInline) reader.u32();
  reader.list(() => {
    name();
    reader.byte();
    reader.u32();
  });
}

function readInstance(reader: ByteReader, name: () => string, scope: Scope): Exports {
  if (reader.byte() === 0) {
    const instantiate = at(scope.components, reader.u32());
    const args = reader.list((): [string, Item] => [name(), readSortIndex(reader, scope)]);
    return instantiate(new Map(args));
  }
  return new Map(reader.list((): [string, Item] => [readExternName(reader, name), readSortIndex(reader, scope)]));
}

/** Core definitions are of no interest: they have no part in the types. */
function readSortIndex(reader: ByteReader, scope: Scope): Item {
  const sort = reader.byte();
  if (sort === 0) reader.byte();
  return itemAt(sort, reader.u32(), scope);
}

function itemAt(sort: number, index: number, scope: Scope): Item {
  if (sort === 1) return at(scope.functions, index);
  if (sort === 3) return { kind: 'type', type: at(scope.types, index) };
  if (sort === 4) return { kind: 'component', instantiate: at(scope.components, index) };
  if (sort === 5) return { kind: 'instance', exports: at(scope.instances, index) };
  return { kind: 'other' };
}

function readAlias(reader: ByteReader, name: () => string, scope: Scope): void {
  const sort = reader.byte();
  if (sort === 0) reader.byte();
  const target = reader.byte();
  const index = reader.u32();
  if (target === 2) {
    let outer: Scope | undefined = scope;
    for (let count = index; count > 0; count--) outer = outer?.parent;
    const inner = reader.u32();
    if (outer === undefined) throw new RangeError('an alias points outside of the component');
    if (sort !== 0) define(scope, itemAt(sort, inner, outer));
    return;
  }
  const item = name();
  if (target === 0) {
    const found = at(scope.instances, index).get(item);
    if (found === undefined) throw new RangeError('an alias names an export that is not there');
    define(scope, found);
  }
}

function define(scope: Scope, item: Item): void {
  if (item.kind === 'function') scope.functions.push(item);
  else if (item.kind === 'type') scope.types.push(item.type);
  else if (item.kind === 'instance') scope.instances.push(item.exports);
  else if (item.kind === 'component') scope.components.push(item.instantiate);
}

/** Only `lift` makes a function that has a type; the rest are core functions. */
function readCanon(reader: ByteReader, scope: Scope, findings: Findings): void {
  const opcode = reader.byte();
  if (opcode === 0x00 || opcode === 0x01) {
    reader.byte();
    reader.u32();
    reader.list(() => {
      const option = reader.byte();
      if (option === 0x02) findings.encodings.add('latin1+utf16');
      if (option >= 0x03 && option !== 0x06) reader.u32();
    });
    if (opcode === 0x00) scope.functions.push(asFunction(at(scope.types, reader.u32())));
    return;
  }
  if (opcode >= 0x02 && opcode <= 0x04) {
    reader.u32();
    return;
  }
  throw new TypeError('asynchronous built-ins are not supported');
}

function readType(reader: ByteReader, name: () => string, scope: Scope, depth: number): TypeItem {
  if (depth > maxDepth) throw new RangeError('types are nested too deep');
  const opcode = reader.byte();
  if (opcode === 0x40 || opcode === 0x43) {
    const params = reader.list(() => ({ name: name(), type: readValueType(reader, scope.types) }));
    const hasResult = reader.byte() === 0;
    const result = hasResult ? readValueType(reader, scope.types) : undefined;
    if (!hasResult) reader.byte();
    return { kind: 'function', isAsync: opcode === 0x43, params, result };
  }
  if (opcode === 0x3f) {
    reader.byte();
    reader.optional(() => reader.u32());
    return { kind: 'resource', resource: { name: undefined } };
  }
  if (opcode === 0x41 || opcode === 0x42) return readDeclarations(opcode, reader, name, scope, depth);
  const shape = readDefinedType(opcode, reader, scope.types);
  if (shape === undefined) throw new TypeError(`there is no type with the opcode 0x${opcode.toString(16)}`);
  return { kind: 'value', shape };
}

/** A component or instance type. Its declarations are read once; resources in it are shared by what is declared with it. */
function readDeclarations(
  opcode: number,
  reader: ByteReader,
  name: () => string,
  parent: Scope,
  depth: number,
): TypeItem {
  const scope = newScope(parent);
  reader.list(() => {
    const kind = reader.byte();
    if (kind === 0x01) scope.types.push(readType(reader, name, scope, depth + 1));
    else if (kind === 0x02) readAlias(reader, name, scope);
    else if (kind === 0x03 || kind === 0x04) {
      const extern = readExternName(reader, name);
      const item = readExternType(reader, scope, extern);
      if (kind === 0x04) scope.exports.set(extern, item);
      define(scope, item);
    } else throw new TypeError('core types in a component are not supported');
  });
  return { kind: opcode === 0x41 ? 'component-type' : 'instance-type', instantiate: () => scope.exports };
}

function readExternName(reader: ByteReader, name: () => string): string {
  if (reader.byte() > 1) throw new TypeError('annotated import names are not supported');
  return name();
}

function readExternType(reader: ByteReader, scope: Scope, extern: string): Item {
  const sort = reader.byte();
  if (sort === 0x00) {
    reader.byte();
    reader.u32();
    return { kind: 'other' };
  }
  if (sort === 0x01) return asFunction(at(scope.types, reader.u32()));
  if (sort === 0x03) {
    if (reader.byte() === 0) return { kind: 'type', type: at(scope.types, reader.u32()) };
    return { kind: 'type', type: { kind: 'resource', resource: { name: extern } } };
  }
  if (sort !== 0x04 && sort !== 0x05) throw new TypeError('values in a component are not supported');
  const type = at(scope.types, reader.u32());
  if (type.kind === 'component-type') return { kind: 'component', instantiate: type.instantiate };
  if (type.kind === 'instance-type') return { kind: 'instance', exports: type.instantiate() };
  throw new RangeError('a type index does not name an instance type');
}

function nameResource(item: Item, name: string): void {
  if (item.kind === 'type' && item.type.kind === 'resource') item.type.resource.name ??= name;
}

function asFunction(type: TypeItem): FunctionItem {
  if (type.kind !== 'function') throw new RangeError('a type index does not name a function type');
  return type;
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`there is no definition with the index ${index}`);
  return item;
}
