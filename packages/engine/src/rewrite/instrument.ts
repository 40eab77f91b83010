import { unsupported } from '../invalid.js';
import { Slices } from '../slices.js';
import { bulkChunk, bulkHelper } from './bulk.js';
import { CodeEditor, type EditedCode } from './code-editor.js';
import { CodeMoves } from './code-moves.js';
import { concatenated } from './concatenated.js';
import { leb } from './leb.js';
import type { ModuleLayout } from './module-layout.js';

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

/** V8 compiles a function in one go when it is first called: that much in some tens of milliseconds. */
const maxBodySize = 524_288;
const sectionName: readonly number[] = [...new TextEncoder().encode('metadata.code.branch_hint')];

/**
 * Rewrites the code of a module so that it cannot run for long unnoticed: it counts down a global, the fuel, and calls out when that is used up. Loops count in a
 * local and touch the global only now and then; functions charge at their entry only where a lot could go on uncharged; copies and fills charge by their
 * length. Indices refer to what `appendState` adds.
 *
 * @param recordsMoves whether it is to be known later where each instruction stood before
 * @param slices of the work that this is a part of
 */
export async function instrumentCode(
  layout: ModuleLayout,
  recordsMoves = false,
  slices: Slices = new Slices(),
): Promise<InstrumentedCode> {
  const editor = await CodeEditor.read(layout, { maxBodySize, slices });
  if (editor.isUnknown) throw unsupported('an instruction that the interruption of guests does not know');
  // The types that `appendState` adds: the first is that of the function that polls.
  const added = { fuel: layout.globalCount, poll: layout.funcCount, bulkType: layout.typeCount + 1, bulkChunk };
  const { payload, hints, bulkOperations, moves } = await editor.instrument(added, recordsMoves);
  return {
    payload,
    helpers: bulkOperations.map((operation) => bulkHelper(operation, added)),
    branchHints: sectionOf(hints),
    changesHiddenState: editor.changesHiddenState,
    moves: recordsMoves ? new CodeMoves(moves.steps, moves.starts) : undefined,
  };
}

/** The payload of the custom section that tells V8 to keep what is hardly ever done out of the way of the rest. */
function sectionOf({ functions, list }: EditedCode['hints']): Uint8Array {
  return concatenated([Uint8Array.from([...leb(sectionName.length), ...sectionName, ...leb(functions)]), list]);
}
