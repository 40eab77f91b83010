import { Reader } from '../binary/reader.js';
import { type AppendedCode, virtualSizeFunction } from './append.js';
import { CodeMoves } from './code-moves.js';
import { concatenated } from './concatenated.js';
import { leb } from './leb.js';
import type { ModuleLayout } from './module-layout.js';
import type { Outline } from './outline.js';
import { memoryGrow, memorySize } from './point-kinds.js';
import { readOutline } from './read-outline.js';
import { Slices } from './slices.js';

const sizeOpcode = 0x3f;
const callOpcode = 0x10;

/** The code of a module that asks for the sizes of its memories instead of taking those that they have. */
export interface VirtualCode {
  readonly payload: Uint8Array;
  /** From the module's own code, if those are known by which the instrumented code came from it. */
  readonly moves: CodeMoves;
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
  const outline = await readOutline({ ...layout, sections });
  if (outline.isUnknown) return undefined;
  const bodies: Uint8Array[] = [];
  const moves = new CodeMoves(instrumented?.moves);
  const slices = new Slices();
  for (let body = 0; body < outline.bodyCount; body++) {
    moves.beginBody(0, 0);
    const bytes = outline.source.subarray(outline.start(body), outline.end(body));
    bodies.push(withCalls(bytes, sizeOperations(outline, body), firstFunction, moves));
    if (slices.isOver) await slices.next();
  }
  return { payload: codeSection(bodies), moves };
}

/** Where a body asks for the size of a memory, or grows it: positions in the body. */
function sizeOperations(outline: Outline, body: number): number[] {
  const positions: number[] = [];
  const end = outline.firstPoint(body + 1);
  for (let point = outline.firstPoint(body); point < end; point++) {
    const kind = outline.kind(point);
    if (kind === memoryGrow || kind === memorySize) positions.push(outline.at(point) - outline.start(body));
  }
  return positions;
}

function withCalls(
  body: Uint8Array,
  positions: readonly number[],
  firstFunction: number,
  moves: CodeMoves,
): Uint8Array {
  const parts: Uint8Array[] = [];
  let [start, length] = [0, 0];
  const add = (part: Uint8Array): void => {
    parts.push(part);
    length += part.length;
  };
  const copyTo = (end: number): void => {
    moves.copy(start, end, length);
    add(body.subarray(start, end));
  };
  for (const position of positions) {
    const reader = new Reader(body, position);
    const isGrowth = reader.byte() !== sizeOpcode;
    const memory = reader.u32();
    copyTo(position);
    add(Uint8Array.of(callOpcode, ...leb(firstFunction + memory * 2 + Number(isGrowth))));
    start = reader.position;
  }
  copyTo(body.length);
  return positions.length === 0 ? body : concatenated(parts);
}

function codeSection(bodies: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.from(leb(bodies.length))];
  for (const body of bodies) parts.push(Uint8Array.from(leb(body.length)), body);
  return concatenated(parts);
}
