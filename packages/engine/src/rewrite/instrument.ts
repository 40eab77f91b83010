import { unsupported } from '../invalid.js';
import { AccountingCode } from './accounting-code.js';
import type { BodyFacts, CodePoint } from './body-facts.js';
import { BulkHelpers } from './bulk.js';
import { CallGraph } from './call-graph.js';
import type { Insertion } from './charge-code.js';
import { eachBody } from './code-scan.js';
import { CodeWriter } from './code-writer.js';
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
}

/** A function without a loop runs, and is compiled, in one go. */
const maxBodySize = 1_048_576;
/** Bytes of code that take milliseconds to copy. */
const longSource = 1_048_576;

/**
 * Rewrites the code of a module so that it cannot run for long unnoticed: it counts down a global, the fuel, and calls out when that is used up. Loops count in a
 * local and touch the global only now and then; functions charge at their entry only where a lot could go on uncharged; copies and fills charge by their
 * length. Indices refer to what `appendState` adds.
 */
export async function instrumentCode(layout: ModuleLayout): Promise<InstrumentedCode> {
  const bodies: BodyFacts[] = [];
  let source: Uint8Array = new Uint8Array(0);
  await eachBody(layout, (body, bytes) => {
    if (body.isUnknown) throw unsupported('an instruction that the interruption of guests does not know');
    if (body.end - body.start > maxBodySize) throw unsupported(`a function of more than ${maxBodySize} bytes`);
    bodies.push(body);
    source = bytes;
  });
  const calls = await CallGraph.of(bodies, layout.importedFuncCount);
  const code = new AccountingCode(layout, calls, new BulkHelpers(layout, source));
  const writer = new CodeWriter(source);
  writer.bytes(leb(bodies.length));
  const slices = new Slices();
  for (const [index, body] of bodies.entries()) {
    writeBody(writer, body, index, layout, code);
    if (slices.isOver) await slices.next();
  }
  const changesHiddenState = bodies.some((body) => body.changesHiddenState);
  if (source.length > longSource) await slices.next();
  return {
    payload: writer.result(),
    helpers: code.helpers,
    branchHints: writer.branchHints(),
    changesHiddenState,
  };
}

function writeBody(
  writer: CodeWriter,
  body: BodyFacts,
  index: number,
  layout: ModuleLayout,
  code: AccountingCode,
): void {
  const counter = (layout.paramCounts[index] ?? 0) + body.localCount;
  const insertions: { at: number; insertion: Insertion }[] = [];
  const entry = code.entry(index);
  if (entry !== undefined) insertions.push({ at: body.codeStart, insertion: entry });
  const hasLoop = body.points.some(isRepeated);
  for (const point of body.points) {
    const insertion = code.at(point, counter, hasLoop);
    if (insertion !== undefined) insertions.push({ at: point.at, insertion });
  }
  const hasLocals = hasLoop || body.points.some(({ kind }) => kind === 'bulk');
  const groups = leb(body.localGroups + (hasLocals ? 1 : 0));
  const ownGroup = hasLocals ? [0x02, 0x7f] : [];
  const localsStart = body.start + groupsLength(writer.source, body.start);
  const added = insertions.reduce((sum, { insertion }) => sum + insertion.code.length, 0);
  writer.bytes(
    leb(groups.length + (body.codeStart - localsStart) + ownGroup.length + (body.end - body.codeStart) + added),
  );
  writer.beginBody(layout.importedFuncCount + index);
  writer.bytes(groups);
  writer.copy(localsStart, body.codeStart);
  writer.bytes(ownGroup);
  let position = body.codeStart;
  for (const { at, insertion } of insertions) {
    writer.copy(position, at);
    writer.insert(insertion);
    position = at;
  }
  writer.copy(position, body.end);
}

function isRepeated({ kind, value }: CodePoint): boolean {
  return kind === 'loop' && value >= 0;
}

/** Bytes that the count of local groups takes in the source, which need not be the shortest form. */
function groupsLength(source: Uint8Array, start: number): number {
  let length = 1;
  while (((source[start + length - 1] ?? 0) & 0x80) !== 0) length++;
  return length;
}
