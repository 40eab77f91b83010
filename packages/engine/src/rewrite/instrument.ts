import { unsupported } from '../invalid.js';
import { AccountingCode } from './accounting-code.js';
import { AccountingEdits } from './accounting-edits.js';
import type { BodyFacts } from './body-facts.js';
import { BulkHelpers } from './bulk.js';
import { CallGraph } from './call-graph.js';
import { CodeMoves } from './code-moves.js';
import { eachBody } from './code-scan.js';
import { CodeWriter } from './code-writer.js';
import { type CopiedLoop, writeCode } from './edited-code.js';
import { leb } from './leb.js';
import type { ModuleLayout } from './module-layout.js';
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
/** Bytes of code that the copies of a loop come to, and how many there are, at the most. More of them are slower: they crowd out what V8 would inline. */
const copiedBytes = 200;
const mostCopies = 4;
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
  const bodies: BodyFacts[] = [];
  let source: Uint8Array = new Uint8Array(0);
  await eachBody(layout, (body, bytes) => {
    if (body.isUnknown) throw unsupported('an instruction that the interruption of guests does not know');
    if (body.end - body.start > maxBodySize) throw unsupported(`a function of more than ${maxBodySize} bytes`);
    bodies.push(body);
    source = bytes;
  });
  const calls = await CallGraph.of(bodies, layout.importedFuncCount, source);
  const code = new AccountingCode(layout, calls, new BulkHelpers(layout, source));
  const moves = recordsMoves ? new CodeMoves() : undefined;
  const writer = new CodeWriter(source, moves);
  writer.bytes(leb(bodies.length));
  const slices = new Slices();
  for (const [index, body] of bodies.entries()) {
    writeBody(writer, body, index, layout, code, copiedLoops(body));
    if (slices.isOver) await slices.next();
  }
  const changesHiddenState = bodies.some((body) => body.changesHiddenState);
  if (source.length > longSource) await slices.next();
  return {
    payload: writer.result(),
    helpers: code.helpers,
    branchHints: writer.branchHints(),
    changesHiddenState,
    moves,
  };
}

function writeBody(
  writer: CodeWriter,
  body: BodyFacts,
  index: number,
  layout: ModuleLayout,
  code: AccountingCode,
  loops: readonly CopiedLoop[],
): void {
  const counter = (layout.paramCounts[index] ?? 0) + body.localCount;
  const edits = new AccountingEdits(body, code, counter);
  const { needsLocals } = edits;
  writer.beginBody(layout.importedFuncCount + index, body.start);
  writer.bytes(leb(body.localGroups + (needsLocals ? 1 : 0)));
  writer.copy(body.start + groupsLength(writer.source, body.start), body.codeStart);
  if (needsLocals) writer.bytes([0x02, 0x7f]);
  const entry = code.entry(index);
  if (entry !== undefined) writer.insert(entry);
  writeCode(writer, body, edits, loops);
  writer.endBody();
}

/** Small loops are written several times over, so that one look at the counter does for several iterations. */
function copiedLoops({ smallLoops }: BodyFacts): CopiedLoop[] {
  return smallLoops.map((loop) => ({
    loop,
    copies: Math.min(mostCopies, Math.floor(copiedBytes / (loop.bodyEnd - loop.bodyStart))),
  }));
}

/** Bytes that the count of local groups takes in the source, which need not be the shortest form. */
function groupsLength(source: Uint8Array, start: number): number {
  let length = 1;
  while (((source[start + length - 1] ?? 0) & 0x80) !== 0) length++;
  return length;
}
