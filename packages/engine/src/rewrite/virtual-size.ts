import { Reader } from '../binary/reader.js';
import { type AppendedCode, virtualSizeFunction } from './append.js';
import { eachBody } from './code-scan.js';
import { concatenated } from './concatenated.js';
import { leb } from './leb.js';
import type { ModuleLayout } from './module-layout.js';

const memorySize = 0x3f;
const call = 0x10;

/** The code of a module that asks for the sizes of its memories instead of taking those that they have. */
export interface VirtualCode {
  readonly payload: Uint8Array;
  /** Where an instruction stood before, counted from the start of the body of function `index` as it is now. */
  originalOffset(index: number, offset: number): number;
}

/**
 * Replaces every `memory.size` and `memory.grow` of a module's code, instrumented or its own, by a call of what `appendState` adds. So the module sees
 * the size that it is told, and a memory that has grown in one life can serve another. Undefined when there is an instruction that is
 * not known.
 */
export async function virtualizeSize(
  layout: ModuleLayout,
  instrumented: AppendedCode | undefined,
): Promise<VirtualCode | undefined> {
  const firstFunction = virtualSizeFunction(layout, instrumented);
  const code = instrumented?.payload;
  const sections = layout.sections.map((section) =>
    section.id === 10 && code !== undefined ? { ...section, payload: code } : section,
  );
  const bodies: Uint8Array[] = [];
  const moves = new Map<number, readonly Move[]>();
  let isUnknown = false;
  await eachBody({ ...layout, sections }, (body, source) => {
    isUnknown ||= body.isUnknown;
    const bytes = source.subarray(body.start, body.end);
    if (body.sizeOperations.length === 0) {
      bodies.push(bytes);
      return;
    }
    const changed = withCalls(
      bytes,
      body.sizeOperations.map((position) => position - body.start),
      firstFunction,
    );
    moves.set(bodies.length, changed.moves);
    bodies.push(changed.body);
  });
  if (isUnknown) return undefined;
  return {
    payload: codeSection(bodies),
    originalOffset(index, offset) {
      let moved = 0;
      for (const { from, by } of moves.get(index) ?? []) if (offset >= from) moved = by;
      return offset - moved;
    },
  };
}

/** From position `from` of the new body on, instructions stand `by` bytes later than before. */
interface Move {
  readonly from: number;
  readonly by: number;
}

function withCalls(
  body: Uint8Array,
  positions: readonly number[],
  firstFunction: number,
): { body: Uint8Array; moves: Move[] } {
  const parts: Uint8Array[] = [];
  const moves: Move[] = [];
  let end = 0;
  let by = 0;
  for (const position of positions) {
    const reader = new Reader(body, position);
    const isGrowth = reader.byte() !== memorySize;
    const memory = reader.u32();
    const replacement = Uint8Array.of(call, ...leb(firstFunction + memory * 2 + Number(isGrowth)));
    parts.push(body.subarray(end, position), replacement);
    end = reader.position;
    const from = position + by + replacement.length;
    by += replacement.length - (end - position);
    moves.push({ from, by });
  }
  parts.push(body.subarray(end));
  return { body: concatenated(parts), moves };
}

function codeSection(bodies: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.from(leb(bodies.length))];
  for (const body of bodies) parts.push(Uint8Array.from(leb(body.length)), body);
  return concatenated(parts);
}
