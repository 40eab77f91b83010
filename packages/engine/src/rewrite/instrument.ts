import { unsupported } from '../invalid.js';
import { AccountingCode } from './accounting-code.js';
import { BodyWriter } from './body-writer.js';
import { BulkHelpers } from './bulk.js';
import { CallGraph } from './call-graph.js';
import { CodeMoves } from './code-moves.js';
import { CodeWriter } from './code-writer.js';
import { FuelCode } from './fuel-code.js';
import type { ModuleLayout } from './module-layout.js';
import { readOutline } from './read-outline.js';
import { Slices } from './slices.js';

/** Instrumented code of a module, and what reading it told. */
export interface InstrumentedCode {
  readonly payload: Uint8Array;
  /** Bodies of functions that it calls, to be added right after the one that polls. */
  readonly helpers: readonly (readonly number[])[];
  /** A custom section to stand before the code: which branches are hardly ever taken. */
  readonly branchHints: Uint8Array;
  readonly changesHiddenState: boolean;
  /** Where its instructions stood before; undefined: that was not recorded. */
  readonly moves: CodeMoves | undefined;
}

/** A function without a loop runs, and is compiled, in one go. */
const maxBodySize = 1_048_576;
/** Bytes of code that take milliseconds to copy. */
const longSource = 1_048_576;

/**
 * Rewrites the code of a module so that it cannot run for long unnoticed: it counts down a global, the fuel, and calls out when that is used up. Loops count in a
 * local and touch the global only now and then; functions charge at their entry only where a lot could go on uncharged; copies and fills charge by their
 * length. Indices refer to what `appendState` adds.
 *
 * @param recordsMoves whether it is to be known later where each instruction stood before
 */
export async function instrumentCode(layout: ModuleLayout, recordsMoves = false): Promise<InstrumentedCode> {
  const outline = await readOutline(layout, maxBodySize);
  if (outline.isUnknown) throw unsupported('an instruction that the interruption of guests does not know');
  const { importedFuncCount, paramCounts } = layout;
  const calls = await CallGraph.of(outline, importedFuncCount);
  const moves = recordsMoves ? new CodeMoves() : undefined;
  const writer = new CodeWriter(outline.source, outline.bodyCount, moves);
  const fuel = new FuelCode(layout);
  const bulk = new BulkHelpers(layout, outline.source, fuel);
  const bodies = new BodyWriter(outline, calls, writer, new AccountingCode(writer, fuel, bulk));
  const slices = new Slices();
  for (let body = 0; body < outline.bodyCount; body++) {
    bodies.write(body, importedFuncCount + body, paramCounts[body] ?? 0);
    if (slices.isOver) await slices.next();
  }
  if (outline.source.length > longSource) await slices.next();
  return {
    payload: writer.result(),
    helpers: bulk.bodies,
    branchHints: writer.branchHints(),
    changesHiddenState: outline.changesHiddenState,
    moves,
  };
}
