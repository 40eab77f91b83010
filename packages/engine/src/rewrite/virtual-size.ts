import { Slices } from '../slices.js';
import { type AppendedCode, virtualSizeFunction } from './append.js';
import { CodeEditor } from './code-editor.js';
import { CodeMoves } from './code-moves.js';
import type { ModuleLayout } from './module-layout.js';

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
  slices: Slices = new Slices(),
): Promise<VirtualCode | undefined> {
  const code = instrumented?.payload;
  const sections = layout.sections.map((section) =>
    section.id === 10 && code !== undefined ? { ...section, payload: code } : section,
  );
  const editor = await CodeEditor.read({ ...layout, sections }, { slices });
  if (editor.isUnknown) return undefined;
  const { payload, moves } = await editor.virtualize(virtualSizeFunction(layout, instrumented));
  return { payload, moves: new CodeMoves(moves.steps, moves.starts, instrumented?.moves) };
}
