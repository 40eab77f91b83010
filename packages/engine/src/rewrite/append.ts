import { pageSize } from '../page-size.js';
import { Additions } from './additions.js';
import { clearBody, clearLocals } from './clear-function.js';
import type { CodeMoves } from './code-moves.js';
import { concatenated } from './concatenated.js';
import { leb, signedLeb } from './leb.js';
import type { DefinedGlobal, DefinedMemory, DefinedTable, ModuleLayout, Section } from './module-layout.js';
import { forwardBody, growBody, sizeBody } from './size-functions.js';

/** A core module with what the engine needs of it added. */
export interface RewrittenModule {
  readonly bytes: Uint8Array;
  /** Exports of every memory that the module defines, and of the function that clears it. */
  readonly memories: readonly { readonly memory: string; readonly clear: string }[];
  /** Exports that copy all mutable globals aside and back; undefined when there are none. */
  readonly globals: { readonly save: string; readonly restore: string } | undefined;
  /** Exports through which it is interrupted: the fuel it counts down, and a table whose one entry it calls when that is used up. */
  readonly interruption: { readonly fuel: string; readonly poll: string } | undefined;
  /** What stands for the sizes of its memories; undefined: they are what they are. */
  readonly virtualSizes: VirtualSizes | undefined;
  /** Its start function, which nothing but a call of this export runs: by then all that was added is ready. */
  readonly start: string | undefined;
  /** Whether the globals and memories together are all the state there is, as far as sections tell. */
  readonly isRestorable: boolean;
}

/** Exports of a module whose memories can be made smaller again as far as it can tell. */
export interface VirtualSizes {
  /** By memory, the imported ones first: the functions that tell its size, in pages, and grow it. */
  readonly functions: readonly { readonly size: string; readonly grow: string }[];
  /** A table to be filled with those two of every memory that it imports; undefined when it imports none. */
  readonly imports: string | undefined;
}

/** A module with nothing in it. */
export const emptyModule: Uint8Array = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);

/** Code to take the place of a module's own, and the bodies of functions that it needs. */
export interface AppendedCode {
  readonly payload: Uint8Array;
  readonly helpers: readonly (readonly number[])[];
  /** The payload of a custom section to stand before the code. */
  readonly branchHints?: Uint8Array;
  /** How it came from the module's own. */
  readonly moves?: CodeMoves | undefined;
}

/** What {@link appendState} does beyond adding exports. */
export interface AppendOptions {
  /** A lower maximum for each memory, in bytes. */
  readonly maxMemoryBytes?: number | undefined;
  /** What no table grows beyond, in elements. */
  readonly maxTableElements?: number | undefined;
  /** Instrumented code. */
  readonly code?: AppendedCode | undefined;
  /** The same code, or the module's own, after `virtualizeSize`. */
  readonly virtualCode?: Uint8Array | undefined;
}

/** The index of the first function that stands for the size of a memory. */
export function virtualSizeFunction(layout: ModuleLayout, code: AppendedCode | undefined): number {
  return layout.funcCount + (code === undefined ? 0 : 1 + code.helpers.length);
}

/** Stands for the custom section of that use while sections are put in order. */
const branchHintSection = -1;

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
  { maxMemoryBytes, maxTableElements, code, virtualCode }: AppendOptions = {},
): RewrittenModule {
  const additions = new Additions(layout);
  const procedure = additions.type([], []);
  const interruption = code === undefined ? undefined : addInterruption(additions, code.helpers, procedure);
  const pages: number[] = [];
  const virtualSizes = virtualCode === undefined ? undefined : addVirtualSizes(additions, layout, pages);
  const isDeferred = code !== undefined || virtualCode !== undefined;
  const start = isDeferred && layout.start !== undefined ? additions.export('lodge:start', 0, layout.start) : undefined;

  const memories = addMemories(additions, layout);
  const mutable = layout.globals.filter((global) => global.isMutable);
  const zeros = mutable.map((global) => zeroOf(global));
  const isRestorable =
    !layout.hasHeapTypes && !layout.memories.some((memory) => memory.isSpecial) && !zeros.includes(undefined);
  const saved = [
    ...mutable.map((global, position) => ({ index: global.index, type: global.type, zero: zeros[position] ?? [] })),
    ...pages.map((index) => ({ index, type: Uint8Array.of(0x7f), zero: [0x41, 0x00] })),
  ];
  let globals: RewrittenModule['globals'];
  if (isRestorable && saved.length > 0) {
    const shadows = saved.map(({ index, type, zero }) => ({ index, shadow: additions.global([...type], zero) }));
    const save = shadows.flatMap(({ index, shadow }) => [0x23, ...leb(index), 0x24, ...leb(shadow)]);
    const restore = shadows.flatMap(({ index, shadow }) => [0x23, ...leb(shadow), 0x24, ...leb(index)]);
    globals = {
      save: additions.export('lodge:save', 0, additions.func(procedure, save)),
      restore: additions.export('lodge:restore', 0, additions.func(procedure, restore)),
    };
  }
  const payload = virtualCode ?? code?.payload;
  const kept = isDeferred ? layout.sections.filter((section) => section.id !== 8) : layout.sections;
  const sections = kept.flatMap((section) => {
    if (section.id === 10 && payload !== undefined) {
      const hints = code?.branchHints === undefined ? [] : [{ id: branchHintSection, payload: code.branchHints }];
      return [...hints, { id: 10, payload }];
    }
    if (section.id === 4 && maxTableElements !== undefined) return cappedTables(layout.tables, maxTableElements);
    return section.id === 5 && maxMemoryBytes !== undefined
      ? cappedMemories(layout.memories, section, maxMemoryBytes)
      : section;
  });
  const result = assemble(sections, bytes, additions.sections);
  return { bytes: result, memories, globals, interruption, virtualSizes, start, isRestorable };
}

/** Lets the host see the memories, and clear them. */
function addMemories(additions: Additions, layout: ModuleLayout): RewrittenModule['memories'] {
  if (layout.memories.some((memory) => memory.isSpecial)) return [];
  const type = layout.memories.length === 0 ? 0 : additions.type([0x7f, 0x7f], []);
  return layout.memories.map(({ index }) => ({
    memory: additions.export(`lodge:memory${index}`, 2, index),
    clear: additions.export(`lodge:clear${index}`, 0, additions.func(type, clearBody(index), clearLocals)),
  }));
}

/** Instrumented code refers to what this adds as the first that is free of its kind. */
function addInterruption(
  additions: Additions,
  helpers: readonly (readonly number[])[],
  procedure: number,
): RewrittenModule['interruption'] {
  const table = additions.table(1);
  const fuel = additions.global([0x7f], [0x41, 0x00]);
  const bulk = additions.type([0x7f, 0x7f, 0x7f], [0x7f, 0x7f, 0x7f]);
  const refuel = additions.type([], [0x7f]);
  additions.func(procedure, [0x41, 0x00, 0x11, ...leb(refuel), ...leb(table), 0x24, ...leb(fuel)]);
  for (const helper of helpers) additions.func(bulk, helper);
  return { fuel: additions.export('lodge:fuel', 3, fuel), poll: additions.export('lodge:poll', 1, table) };
}

/** Adds the functions that `virtualizeSize` makes code call; `pages` is given the globals that hold the sizes. */
function addVirtualSizes(additions: Additions, layout: ModuleLayout, pages: number[]): VirtualSizes {
  const { importedMemoryCount } = layout;
  const sizeType = additions.type([], [0x7f]);
  const growType = additions.type([0x7f], [0x7f]);
  const table = importedMemoryCount === 0 ? undefined : additions.table(importedMemoryCount * 2);
  const functions: { size: string; grow: string }[] = [];
  const add = (memory: number, size: readonly number[], grow: readonly number[]): void => {
    functions.push({
      size: additions.export(`lodge:size${memory}`, 0, additions.func(sizeType, size)),
      grow: additions.export(`lodge:grow${memory}`, 0, additions.func(growType, grow)),
    });
  };
  for (let memory = 0; table !== undefined && memory < importedMemoryCount; memory++) {
    add(memory, forwardBody(0, memory * 2, sizeType, table), forwardBody(1, memory * 2 + 1, growType, table));
  }
  for (const { index, minimum } of layout.memories) {
    const global = additions.global([0x7f], [0x41, ...signedLeb(minimum)]);
    pages.push(global);
    add(index, sizeBody(global), growBody(index, global));
  }
  return { functions, imports: table === undefined ? undefined : additions.export('lodge:sizes', 1, table) };
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
    flushBefore(section.id === branchHintSection ? 10 : section.id);
    const id = Math.max(section.id, 0);
    parts.push(...extended({ ...section, id }, additions.get(section.id)));
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
