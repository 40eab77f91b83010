import { AccountingCode, Added } from './accounting-code';
import { allocate as allocateMemory } from './allocate';
import { BodyWriter } from './body-writer';
import { BulkOperations } from './bulk-operations';
import { CallGraph } from './call-graph';
import { CodeReader } from './code-reader';
import { CodeWriter } from './code-writer';
import { memoryGrow, memorySize } from './point-kinds';
import { Reader } from './reader';
import { Facts } from './ways';

export { faultAt, faultKind } from './fault';

/** Behind the source there are zeros: a number that does not end ends there. */
const guard: i32 = 16;

/** Bytes that instrumented code takes, as a rule, beyond a little more than its source, and what its hints take. */
const callBytes: i32 = 20;
const loopBytes: i32 = 100;
const bulkBytes: i32 = 40;
const loopHints: i32 = 4;
const hintBytes: i32 = 6;
const spareBytes: i32 = 1024;

let source: usize = 0;
let sourceLength: i32 = 0;
let reader!: CodeReader;
let facts!: Facts;
let calls!: CallGraph;
let writer!: CodeWriter;
let bodies!: BodyWriter;
let bulk!: BulkOperations;
let params: usize = 0;
let paramsLength: i32 = 0;
let sizeFunctions: i32 = 0;
let nextBody: i32 = 0;

/** Bytes of memory that all of it takes together, as a rule, for each byte of code. */
const memoryFactor: i64 = 4;
const pageBits: i64 = 16;

/** Makes ready for another code section: all that was there for the last one is written over. */
export function reset(): void {
  heap.reset();
  params = 0;
  paramsLength = 0;
}

/** Makes room for the code section; answers where it is to be put. */
export function allocate(length: i32): usize {
  // Once, and no more than is needed: V8 collects garbage when memory grows by much.
  const pages = <i32>((length * memoryFactor) >> pageBits);
  if (pages > memory.size()) memory.grow(pages - memory.size());
  source = allocateMemory(length + guard);
  memory.fill(source + length, 0, guard);
  sourceLength = length;
  return source;
}

/** Makes room for how many parameters each of `count` functions has; answers where these numbers of 32 bits are to be put. */
export function allocateParams(count: i32): usize {
  params = allocateMemory((<usize>count) << 2);
  paramsLength = count;
  return params;
}

/**
 * Begins to read the code.
 *
 * @param maxBodySize what no function may be longer than, in bytes
 * @param imported how many functions are imported
 */
export function beginReading(maxBodySize: i32, imported: i32): void {
  reader = new CodeReader(source, sourceLength, maxBodySize, imported);
}

/** Reads on for about as many bytes; answers whether there is more. */
export function read(bytes: i32): bool {
  return reader.read(bytes);
}

export function changesHiddenState(): bool {
  return reader.outline.changesHiddenState;
}

export function isUnknown(): bool {
  return reader.outline.isUnknown;
}

export function growsMemory(): bool {
  return reader.outline.growsMemory;
}

/** Begins to find out who charges for what, once the code has been read. */
export function beginSettling(): void {
  facts = new Facts(reader.outline.mostPoints());
  calls = new CallGraph(reader.outline, facts);
}

/** Goes on for about as many points; answers whether there are more. */
export function settle(points: i32): bool {
  return calls.settle(points);
}

/** Begins to write the instrumented code. What it refers to is that of {@link Added}. */
export function beginWriting(fuel: i32, poll: i32, bulkType: i32, bulkChunk: i32, recordsMoves: bool): void {
  const added = new Added();
  added.global = fuel;
  added.func = poll;
  added.bulkType = bulkType;
  added.bulkChunk = bulkChunk;
  const outline = reader.outline;
  bulk = new BulkOperations(source, sourceLength);
  const code = sourceLength + sourceLength / 4 + outline.callCount * callBytes + outline.loopCount * loopBytes;
  const hints = (outline.callCount + outline.loopCount * loopHints + outline.bulkCount) * hintBytes;
  writer = new CodeWriter(
    source,
    outline.bodyCount,
    code + outline.bulkCount * bulkBytes + spareBytes,
    hints + spareBytes,
    recordsMoves,
  );
  bodies = new BodyWriter(outline, calls, writer, new AccountingCode(writer, added, bulk), facts);
  nextBody = 0;
}

/** Goes on for about as many bytes; answers whether there is more. */
export function write(bytes: i32): bool {
  const outline = reader.outline;
  const enough = writer.code.length + bytes;
  while (nextBody < outline.bodyCount && writer.code.length < enough) {
    const count = nextBody < paramsLength ? load<i32>(params + ((<usize>nextBody) << 2)) : 0;
    bodies.write(nextBody, outline.imported + nextBody, count);
    nextBody++;
  }
  return nextBody < outline.bodyCount;
}

/** Begins to write the code so that it asks for the sizes of its memories: `firstFunction` answers with that of the first, the next one grows it, and so on. */
export function beginVirtualizing(firstFunction: i32): void {
  sizeFunctions = firstFunction;
  writer = new CodeWriter(source, reader.outline.bodyCount, sourceLength + sourceLength / 8 + spareBytes, 0, true);
  nextBody = 0;
}

/** As {@link write}. */
export function virtualize(bytes: i32): bool {
  const outline = reader.outline;
  const enough = writer.code.length + bytes;
  while (nextBody < outline.bodyCount && writer.code.length < enough) virtualizeBody(nextBody++);
  return nextBody < outline.bodyCount;
}

function virtualizeBody(body: i32): void {
  const outline = reader.outline;
  const memory = new Reader(source);
  memory.end = sourceLength;
  writer.beginBody(0, outline.start(body));
  let position = outline.start(body);
  const end = outline.firstPoint(body + 1);
  for (let point = outline.firstPoint(body); point < end; point++) {
    const kind = outline.kind(point);
    if (kind !== memoryGrow && kind !== memorySize) continue;
    writer.copy(position, outline.at(point));
    memory.position = outline.at(point) + 1;
    writer.call(sizeFunctions + <i32>memory.u32() * 2 + (kind === memoryGrow ? 1 : 0));
    position = outline.next(point);
  }
  writer.copy(position, outline.end(body));
  writer.endBody();
}

export function codeAddress(): usize {
  return writer.code.address;
}

export function codeLength(): i32 {
  return writer.code.length;
}

/** As in {@link CodeWriter.hints}. */
export function hintsAddress(): usize {
  return writer.hints.address;
}

export function hintsLength(): i32 {
  return writer.hints.length;
}

export function hintedFuncs(): i32 {
  return writer.hintedFuncs;
}

/** As in {@link BulkOperations.operations}. */
export function bulkAddress(): usize {
  return bulk.operations.address;
}

/** In words. */
export function bulkLength(): i32 {
  return bulk.operations.length;
}

/** As in {@link CodeMoves}. */
export function movesAddress(): usize {
  return writer.moves.steps.address;
}

export function movesLength(): i32 {
  return writer.moves.steps.length;
}

export function moveStartsAddress(): usize {
  return writer.moves.starts.address;
}

/** In words. */
export function moveStartsLength(): i32 {
  return writer.moves.starts.length;
}
