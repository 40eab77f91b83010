import { leb } from './leb.js';
import type { DefinedGlobal, DefinedMemory, DefinedTable, ModuleLayout, Section } from './module-layout.js';

/** A core module with what the engine needs of it added. */
export interface RewrittenModule {
  readonly bytes: Uint8Array;
  /** Export names of every memory that the module defines. */
  readonly memories: readonly string[];
  /** Exports that copy all mutable globals aside and back; undefined when there are none. */
  readonly globals: { readonly save: string; readonly restore: string } | undefined;
  /** Exports through which it is interrupted: the fuel it counts down, and a table whose one entry it calls when that is used up. */
  readonly interruption:
    | {
        readonly fuel: string;
        readonly poll: string;
        /** Its start function, which nothing but a call of this export runs: by then it can be interrupted. */
        readonly start: string | undefined;
      }
    | undefined;
  /** Whether the globals and memories together are all the state there is, as far as sections tell. */
  readonly isRestorable: boolean;
}

/** Bytes of a page of linear memory. */
export const pageSize = 65_536;
/** A module with nothing in it. */
export const emptyModule: Uint8Array = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
const encoder = new TextEncoder();

/** What {@link appendState} does beyond adding exports. */
export interface AppendOptions {
  /** A lower maximum for each memory, in bytes. */
  readonly maxMemoryBytes?: number | undefined;
  /** What no table grows beyond, in elements. */
  readonly maxTableElements?: number | undefined;
  /** Instrumented code to take the place of the module's own, with the functions that it needs. */
  readonly code?: { readonly payload: Uint8Array; readonly helpers: readonly (readonly number[])[] } | undefined;
}

/** The order of sections in a module; custom sections stay where they are. */
const order: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/**
 * Adds to a module: exports of its own memories, shadow copies of its mutable globals with functions that save and restore
 * them, a lower maximum of its memories, and what instrumented code needs. Only appends to sections, so no index shifts. Debug
 * information is left out of what V8 gets; names stay, for stack traces.
 */
export function appendState(
  layout: ModuleLayout,
  bytes: Uint8Array,
  { maxMemoryBytes, maxTableElements, code }: AppendOptions = {},
): RewrittenModule {
  const additions = new Map<number, { count: number; bytes: number[] }>();
  const add = (id: number, item: readonly number[]): void => {
    const addition = additions.get(id) ?? { count: 0, bytes: [] };
    additions.set(id, addition);
    addition.count++;
    for (const byte of item) addition.bytes.push(byte);
  };
  const addExport = (wanted: string, kind: number, index: number): string => {
    let name = wanted;
    while (layout.exportNames.has(name)) name += '_';
    add(7, [...sized(encoder.encode(name)), kind, ...leb(index)]);
    return name;
  };

  add(1, [0x60, 0x00, 0x00]);
  let funcCount = layout.funcCount;
  const addFunc = (body: readonly number[], type = layout.typeCount): number => {
    add(3, leb(type));
    add(10, sized([0x00, ...body, 0x0b]));
    return funcCount++;
  };
  let interruption: RewrittenModule['interruption'];
  if (code !== undefined) {
    add(4, [0x70, 0x01, 0x01, 0x01]);
    add(6, [0x7f, 0x01, 0x41, 0x00, 0x0b]);
    // The instrumented code calls this function by its index, the first one that is free.
    addFunc([0x41, 0x00, 0x11, ...leb(layout.typeCount), ...leb(layout.tableCount)]);
    if (code.helpers.length > 0) add(1, [0x60, 0x03, 0x7f, 0x7f, 0x7f, 0x03, 0x7f, 0x7f, 0x7f]);
    for (const helper of code.helpers) addFunc(helper, layout.typeCount + 1);
    interruption = {
      fuel: addExport('lodge:fuel', 3, layout.globalCount),
      poll: addExport('lodge:poll', 1, layout.tableCount),
      start: layout.start === undefined ? undefined : addExport('lodge:start', 0, layout.start),
    };
  }

  const memories = layout.memories.map((memory) => addExport(`lodge:memory${memory.index}`, 2, memory.index));
  const mutable = layout.globals.filter((global) => global.isMutable);
  const zeros = mutable.map((global) => zeroOf(global));
  const isRestorable =
    !layout.hasHeapTypes && !layout.memories.some((memory) => memory.isSpecial) && !zeros.includes(undefined);
  let globals: RewrittenModule['globals'];
  if (isRestorable && mutable.length > 0) {
    const shadow = (position: number): number => layout.globalCount + (code === undefined ? 0 : 1) + position;
    mutable.forEach((global, position) => {
      add(6, [...global.type, 0x01, ...(zeros[position] ?? []), 0x0b]);
    });
    const copy = (from: (position: number) => number, to: (position: number) => number): number[] =>
      mutable.flatMap((_, position) => [0x23, ...leb(from(position)), 0x24, ...leb(to(position))]);
    const own = (position: number): number => mutable[position]?.index ?? 0;
    globals = {
      save: addExport('lodge:save', 0, addFunc(copy(own, shadow))),
      restore: addExport('lodge:restore', 0, addFunc(copy(shadow, own))),
    };
  }
  const kept = code === undefined ? layout.sections : layout.sections.filter((section) => section.id !== 8);
  const sections = kept.map((section) => {
    if (section.id === 10 && code !== undefined) return { id: 10, payload: code.payload };
    if (section.id === 4 && maxTableElements !== undefined) return cappedTables(layout.tables, maxTableElements);
    return section.id === 5 && maxMemoryBytes !== undefined
      ? cappedMemories(layout.memories, section, maxMemoryBytes)
      : section;
  });
  return { bytes: assemble(sections, bytes, additions), memories, globals, interruption, isRestorable };
}

function assemble(
  sections: readonly Section[],
  bytes: Uint8Array,
  additions: ReadonlyMap<number, { readonly count: number; readonly bytes: readonly number[] }>,
): Uint8Array {
  const parts: Uint8Array[] = [bytes.subarray(0, 8)];
  const pending = order.filter((id) => additions.has(id) && !sections.some((section) => section.id === id));
  const flushBefore = (id: number): void => {
    while (pending[0] !== undefined && order.indexOf(pending[0]) < order.indexOf(id)) {
      const next = pending.shift() ?? 0;
      parts.push(...extended({ id: next, payload: Uint8Array.of(0) }, additions.get(next)));
    }
  };
  for (const section of sections) {
    if (section.id === 0) {
      if (isNameSection(section)) parts.push(...extended(section, undefined));
      continue;
    }
    flushBefore(section.id);
    parts.push(...extended(section, additions.get(section.id)));
  }
  for (const id of pending) parts.push(...extended({ id, payload: Uint8Array.of(0) }, additions.get(id)));
  return concatenated(parts);
}

/** A section with items appended to its vector. */
function extended(
  section: Section,
  addition: { readonly count: number; readonly bytes: readonly number[] } | undefined,
): Uint8Array[] {
  const { id, payload } = section;
  if (addition === undefined) return [Uint8Array.of(id, ...leb(payload.length)), payload];
  let count = 0;
  let length = 0;
  for (let shift = 1; ; shift *= 128) {
    const byte = payload[length++] ?? 0;
    count += (byte & 0x7f) * shift;
    if (byte < 0x80) break;
  }
  const head = leb(count + addition.count);
  const size = head.length + payload.length - length + addition.bytes.length;
  return [Uint8Array.of(id, ...leb(size), ...head), payload.subarray(length), Uint8Array.from(addition.bytes)];
}

/** The memory section with no maximum above the limit. Growth past it then fails inside the guest. */
function cappedMemories(memories: readonly DefinedMemory[], section: Section, maxMemoryBytes: number): Section {
  if (memories.some((memory) => memory.isSpecial)) return section;
  const limit = Math.floor(maxMemoryBytes / pageSize);
  const payload = [...leb(memories.length)];
  for (const { minimum, maximum } of memories) {
    payload.push(0x01, ...leb(minimum), ...leb(Math.min(maximum ?? limit, limit)));
  }
  return { id: section.id, payload: Uint8Array.from(payload) };
}

/** The table section with no maximum above the limit. */
function cappedTables(tables: readonly DefinedTable[], limit: number): Section {
  const parts = tables.map(({ type, minimum, maximum, initial }) => [
    ...type,
    ...[0x01, ...leb(minimum), ...leb(Math.max(minimum, Math.min(maximum ?? limit, limit)))],
    ...initial,
  ]);
  return { id: 4, payload: Uint8Array.from([...leb(tables.length), ...parts.flat()]) };
}

/** A constant that a shadow global begins with; undefined for a type that has none. */
function zeroOf({ type }: DefinedGlobal): readonly number[] | undefined {
  switch (type[0]) {
    case 0x7f:
      return [0x41, 0x00];
    case 0x7e:
      return [0x42, 0x00];
    case 0x7d:
      return [0x43, 0, 0, 0, 0];
    case 0x7c:
      return [0x44, 0, 0, 0, 0, 0, 0, 0, 0];
    case 0x7b:
      return [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
    case 0x70:
      return [0xd0, 0x70];
    case 0x6f:
      return [0xd0, 0x6f];
    default:
      return undefined;
  }
}

function isNameSection({ payload }: Section): boolean {
  return payload[0] === 4 && payload[1] === 0x6e && payload[2] === 0x61 && payload[3] === 0x6d && payload[4] === 0x65;
}

function sized(bytes: ArrayLike<number>): number[] {
  return [...leb(bytes.length), ...Array.from(bytes)];
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let position = 0;
  for (const part of parts) {
    result.set(part, position);
    position += part.length;
  }
  return result;
}
