import { invalid, unsupported } from '../invalid.js';
import type {
  CanonAst,
  CanonOptions,
  ComponentAst,
  CoreInstanceExpression,
  Definition,
  InstanceExpression,
  StringEncoding,
} from './ast.js';
import { readCoreModule } from './core-module.js';
import { parseAlias, parseCoreSort, parseExternName, parseExternType, parseSortIndex } from './externs.js';
import { type Allowance, Reader } from './reader.js';
import { optional, parseType } from './type-section.js';

/** Deeper nesting of components than any toolchain writes. */
const maxComponentNesting = 50;
/** Definitions, those of nested components included; a byte is enough for one, so the size of the binary is no bound, and it is read in one go. */
const maxDefinitions = 10_000;
/** The same and all that they consist of. */
const maxItems = 100_000;
/** Types, imports and exports of all core modules. */
const maxCoreItems = 50_000;

/** What is left of those. */
interface Allowances {
  readonly definitions: Allowance;
  readonly coreItems: Allowance;
}

/** Reads a component binary into its definitions. Bytes of core modules are views, not copies. */
export function parseComponent(bytes: Uint8Array): ComponentAst {
  checkPreamble(bytes);
  const reader = new Reader(bytes, 0, bytes.length, { items: maxItems });
  return parseSections(reader, 0, { definitions: { items: maxDefinitions }, coreItems: { items: maxCoreItems } });
}

function parseSections(reader: Reader, nesting: number, allowances: Allowances): ComponentAst {
  if (nesting > maxComponentNesting) throw invalid(`components are nested more than ${maxComponentNesting} deep`);
  checkPreamble(reader.bytes.subarray(reader.position, reader.end));
  reader.position += 8;
  const definitions: Definition[] = [];
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const section = reader.slice(reader.u32());
    parseSection(id, section, definitions, nesting, allowances);
    if (id !== 0) section.expectEnd(`section ${id}`);
  }
  return { definitions };
}

function parseSection(
  id: number,
  reader: Reader,
  definitions: Definition[],
  nesting: number,
  allowances: Allowances,
): void {
  const each = (item: () => Definition): void => {
    const added = reader.vector(item, allowances.definitions.items);
    allowances.definitions.items -= added.length;
    for (const definition of added) definitions.push(definition);
  };
  switch (id) {
    case 0:
      return;
    case 1:
      definitions.push(coreModule(reader.rest(), allowances.coreItems));
      return;
    case 2:
      return each(() => ({ kind: 'core-instance', expression: coreInstance(reader) }));
    case 3:
      throw unsupported('core type definitions');
    case 4:
      definitions.push({ kind: 'component', component: parseSections(reader, nesting + 1, allowances) });
      return;
    case 5:
      return each(() => ({ kind: 'instance', expression: instance(reader) }));
    case 6:
      return each(() => ({ kind: 'alias', alias: parseAlias(reader) }));
    case 7:
      return each(() => ({ kind: 'type', type: parseType(reader) }));
    case 8:
      return each(() => ({ kind: 'canon', canon: canon(reader) }));
    case 9:
    case 12:
      throw unsupported('component values and start functions');
    case 10:
      return each(() => ({ kind: 'import', name: parseExternName(reader), extern: parseExternType(reader) }));
    case 11:
      return each(() => ({
        kind: 'export',
        name: parseExternName(reader),
        item: parseSortIndex(reader),
        extern: optional(reader, parseExternType),
      }));
    default:
      throw invalid(`unknown section ${id} at byte ${reader.position}`);
  }
}

function coreModule(bytes: Uint8Array, items: Allowance): Definition {
  return { kind: 'core-module', bytes, info: readCoreModule(bytes, items) };
}

function coreInstance(reader: Reader): CoreInstanceExpression {
  if (isInstantiation(reader)) {
    const module = reader.u32();
    const args = reader.vector(() => {
      const name = reader.name();
      reader.expect(0x12, 'a core instance');
      return { name, instance: reader.u32() };
    });
    return { kind: 'instantiate', module, args };
  }
  return {
    kind: 'exports',
    exports: reader.vector(() => ({ name: reader.name(), sort: parseCoreSort(reader), index: reader.u32() })),
  };
}

function instance(reader: Reader): InstanceExpression {
  if (isInstantiation(reader)) {
    const component = reader.u32();
    return {
      kind: 'instantiate',
      component,
      args: reader.vector(() => ({ name: reader.name(), item: parseSortIndex(reader) })),
    };
  }
  return {
    kind: 'exports',
    exports: reader.vector(() => ({ name: parseExternName(reader).name, item: parseSortIndex(reader) })),
  };
}

function isInstantiation(reader: Reader): boolean {
  const form = reader.byte();
  if (form > 0x01) throw invalid(`unknown form of instance 0x${form.toString(16)} at byte ${reader.position - 1}`);
  return form === 0x00;
}

function canon(reader: Reader): CanonAst {
  const opcode = reader.byte();
  switch (opcode) {
    case 0x00: {
      reader.expect(0x00, 'a core function');
      const func = reader.u32();
      const options = canonOptions(reader);
      return { kind: 'lift', func, options, type: reader.u32() };
    }
    case 0x01: {
      reader.expect(0x00, 'a function');
      const func = reader.u32();
      return { kind: 'lower', func, options: canonOptions(reader) };
    }
    case 0x02:
      return { kind: 'resource.new', resource: reader.u32() };
    case 0x03:
      return { kind: 'resource.drop', resource: reader.u32() };
    case 0x04:
      return { kind: 'resource.rep', resource: reader.u32() };
    default:
      if (opcode >= 0x05 && opcode <= 0x42)
        throw unsupported('WASI 0.3 built-ins (asynchronous functions, streams or futures)');
      throw invalid(`unknown canonical function 0x${opcode.toString(16)} at byte ${reader.position - 1}`);
  }
}

const encodings: readonly StringEncoding[] = ['utf8', 'utf16', 'latin1+utf16'];

function canonOptions(reader: Reader): CanonOptions {
  const options: { -readonly [K in keyof CanonOptions]: CanonOptions[K] } = {
    encoding: 'utf8',
    memory: undefined,
    realloc: undefined,
    postReturn: undefined,
    isAsync: false,
  };
  const seen = new Set<string>();
  reader.vector(() => {
    const opcode = reader.byte();
    const encoding = encodings[opcode];
    const kind = encoding === undefined ? String(opcode) : 'encoding';
    if (seen.has(kind)) throw invalid(`a canonical option is given twice before byte ${reader.position}`);
    seen.add(kind);
    if (encoding !== undefined) options.encoding = encoding;
    else if (opcode === 0x03) options.memory = reader.u32();
    else if (opcode === 0x04) options.realloc = reader.u32();
    else if (opcode === 0x05) options.postReturn = reader.u32();
    else if (opcode === 0x06 || opcode === 0x07) throw unsupported('asynchronous functions of WASI 0.3');
    else throw invalid(`unknown canonical option 0x${opcode.toString(16)} at byte ${reader.position - 1}`);
  });
  return options;
}

/** Says what the bytes are when they are not a component. */
function checkPreamble(bytes: Uint8Array): void {
  if (bytes.length === 0) throw invalid('it is empty');
  const [a, b, c, d, version, , layer] = bytes;
  if (a === 0x00 && b === 0x61 && c === 0x73 && d === 0x6d) {
    if (bytes.length < 8) throw invalid(`the binary ends after ${bytes.length} bytes, in its header`);
    if (version === 0x0d && layer === 0x01 && bytes[5] === 0 && bytes[7] === 0) return;
    if (version === 0x01 && layer === 0x00) {
      throw invalid(
        'it is a core WebAssembly module; make a component of it, for example with `jco new` or `wasm-tools component new`',
      );
    }
    throw invalid(`its header has version ${version} and layer ${layer}, expected version 13 and layer 1`);
  }
  if (looksLikeText(bytes)) {
    throw invalid('it is text; compile the WebAssembly text format to a binary first, for example with `jco parse`');
  }
  throw invalid('it does not begin with the WebAssembly header "\\0asm"');
}

function looksLikeText(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 64);
  return start.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}
