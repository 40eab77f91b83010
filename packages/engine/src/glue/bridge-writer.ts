import type { CoreFuncType, CoreValueType } from '../binary/core-module.js';
import { bridgeName } from '../bridge-name.js';
import { leb, signedLeb } from '../rewrite/leb.js';

/** Of a local; no vector crosses the boundary of a component. */
export type LocalType = CoreValueType | 'v128';

const typeCodes: Readonly<Record<LocalType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
  ref: 0x6f,
};
const encoder = new TextEncoder();

/** The encoding of a value type, which is also that of a block with this one result. */
export function typeCode(type: LocalType): number {
  return typeCodes[type];
}

/** Instructions; a string is the call of the module's own function of that name. */
export type WasmCode = readonly (number | string)[];

/**
 * Writes a core module of imported functions, globals and memories, own functions, all of them exported, and a table `slots` to be filled from
 * outside.
 */
export class BridgeWriter {
  readonly #types: CoreFuncType[] = [];
  readonly #typeIndices = new Map<string, number>();
  readonly #globals = new Map<string, number>();
  readonly #memories = new Map<string, number>();
  readonly #funcImports = new Map<string, { readonly index: number; readonly type: number }>();
  readonly #functions = new Map<
    string,
    { readonly type: number; readonly locals: readonly number[]; readonly code: WasmCode }
  >();
  readonly #slots = new Map<string, number>();

  /** Names of what the module imports from `b`, in no order that matters. */
  get imports(): readonly string[] {
    return [...this.#globals.keys(), ...this.#memories.keys(), ...this.#funcImports.keys()];
  }

  /** Where each function of the table belongs. */
  get slots(): ReadonlyMap<string, number> {
    return this.#slots;
  }

  /** The index of an imported mutable `i32`. */
  global(name: string): readonly number[] {
    const index = this.#globals.get(name) ?? this.#globals.size;
    this.#globals.set(name, index);
    return leb(index);
  }

  /** The index of an imported memory. */
  memory(name: string): readonly number[] {
    const index = this.#memories.get(name) ?? this.#memories.size;
    this.#memories.set(name, index);
    return leb(index);
  }

  /** A call of an imported function. */
  call(name: string, type: CoreFuncType): readonly number[] {
    const known = this.#funcImports.get(name) ?? { index: this.#funcImports.size, type: this.#type(type) };
    this.#funcImports.set(name, known);
    return [0x10, ...leb(known.index)];
  }

  /** A call of the function that will be in the table's slot of this name, its arguments being on the stack. */
  callSlot(name: string, type: CoreFuncType): readonly number[] {
    const slot = this.#slots.get(name) ?? this.#slots.size;
    this.#slots.set(name, slot);
    return [0x41, ...signedLeb(slot), 0x11, ...leb(this.#type(type)), 0x00];
  }

  /** A call of a function that is {@link add}ed. */
  callOwn(name: string): WasmCode {
    return [name];
  }

  /** Adds an exported function. `locals` are those beyond its parameters. */
  add(name: string, type: CoreFuncType, locals: readonly LocalType[], code: WasmCode): void {
    const groups = locals.flatMap((local) => [0x01, typeCodes[local]]);
    this.#functions.set(name, { type: this.#type(type), locals: [...leb(locals.length), ...groups], code });
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const b = text('b');
    const functions = [...this.#functions];
    const indices = new Map(functions.map(([name], index) => [name, this.#funcImports.size + index]));
    const call = (name: string): number[] => [0x10, ...leb(indices.get(name) ?? 0)];
    return Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...section(
        1,
        this.#types.map(({ params, results }) => [0x60, ...codes(params), ...codes(results)]),
      ),
      ...section(2, [
        ...[...this.#globals.keys()].map((name) => [...b, ...text(name), 0x03, 0x7f, 0x01]),
        ...[...this.#memories.keys()].map((name) => [...b, ...text(name), 0x02, 0x00, 0x00]),
        ...[...this.#funcImports].map(([name, { type }]) => [...b, ...text(name), 0x00, ...leb(type)]),
      ]),
      ...section(
        3,
        functions.map(([, { type }]) => leb(type)),
      ),
      ...section(4, [[0x70, 0x00, ...leb(this.#slots.size)]]),
      ...section(7, [
        [...text('slots'), 0x01, 0x00],
        ...[...indices].map(([name, index]) => [...text(name), 0x00, ...leb(index)]),
      ]),
      ...section(
        10,
        functions.map(([, { locals, code }]) => {
          const body = [...locals, ...code.flatMap((item) => (typeof item === 'string' ? call(item) : item)), 0x0b];
          return [...leb(body.length), ...body];
        }),
      ),
      ...nameSection(),
    ]);
  }

  #type(type: CoreFuncType): number {
    const key = `${type.params.join()} ${type.results.join()}`;
    const index = this.#typeIndices.get(key) ?? this.#types.push(type) - 1;
    this.#typeIndices.set(key, index);
    return index;
  }
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const content = [...leb(items.length), ...items.flat()];
  return [id, ...leb(content.length), ...content];
}

/** The custom section that names the module. */
function nameSection(): number[] {
  const name = text(bridgeName);
  const content = [...text('name'), 0x00, ...leb(name.length), ...name];
  return [0x00, ...leb(content.length), ...content];
}

function codes(types: readonly LocalType[]): number[] {
  return [...leb(types.length), ...types.map((type) => typeCodes[type])];
}

function text(value: string): number[] {
  const bytes = encoder.encode(value);
  return [...leb(bytes.length), ...bytes];
}
