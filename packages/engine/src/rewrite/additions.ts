import { leb } from './leb.js';
import type { ModuleLayout } from './module-layout.js';

const encoder = new TextEncoder();

/** What is to be appended to a module, by section; everything takes the next free index of its kind. */
export class Additions {
  readonly sections: Map<number, { count: number; bytes: number[] }> = new Map();
  readonly #names: Set<string>;
  #types: number;
  #funcs: number;
  #tables: number;
  #globals: number;

  constructor({ exportNames, typeCount, funcCount, tableCount, globalCount }: ModuleLayout) {
    this.#names = new Set(exportNames);
    this.#types = typeCount;
    this.#funcs = funcCount;
    this.#tables = tableCount;
    this.#globals = globalCount;
  }

  type(params: readonly number[], results: readonly number[]): number {
    this.#add(1, [0x60, ...sized(params), ...sized(results)]);
    return this.#types++;
  }

  /** `locals` as they are encoded. */
  func(type: number, body: readonly number[], locals: readonly number[] = [0x00]): number {
    this.#add(3, leb(type));
    this.#add(10, sized([...locals, ...body, 0x0b]));
    return this.#funcs++;
  }

  /** A table of functions. */
  table(size: number): number {
    this.#add(4, [0x70, 0x01, ...leb(size), ...leb(size)]);
    return this.#tables++;
  }

  /** A mutable global. */
  global(type: readonly number[], initial: readonly number[]): number {
    this.#add(6, [...type, 0x01, ...initial, 0x0b]);
    return this.#globals++;
  }

  /** Exports something under a name that is still free; answers the name. */
  export(wanted: string, kind: number, index: number): string {
    let name = wanted;
    while (this.#names.has(name)) name += '_';
    this.#names.add(name);
    this.#add(7, [...sized(encoder.encode(name)), kind, ...leb(index)]);
    return name;
  }

  #add(id: number, item: readonly number[]): void {
    const section = this.sections.get(id) ?? { count: 0, bytes: [] };
    this.sections.set(id, section);
    section.count++;
    for (const byte of item) section.bytes.push(byte);
  }
}

function sized(bytes: ArrayLike<number>): number[] {
  return [...leb(bytes.length), ...Array.from(bytes)];
}
