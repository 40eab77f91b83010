import { unsupported } from '../invalid.js';
import type { BodyFacts } from './body.js';
import { bulkChunk, bulkHelper, chunkCode, readBulkOperation } from './bulk.js';
import { chargedFunctions } from './call-graph.js';
import { eachBody } from './code-scan.js';
import { leb, signedLeb } from './leb.js';
import type { ModuleLayout } from './module-layout.js';

/** Instrumented code of a module, and what reading it told. */
export interface InstrumentedCode {
  readonly payload: Uint8Array;
  /** Bodies of functions that it calls, to be added right after the one that polls. */
  readonly helpers: readonly (readonly number[])[];
  readonly changesHiddenState: boolean;
}

/** A loop charges once per so many iterations of up to 32 bytes of code; larger ones accordingly more often. */
const iterationsPerCharge = 1024;
const bytesPerStep = 32;
/** Bytes of a bulk operation that weigh as much as one charge, as a power of two. */
const bulkShift = 14;
/** A function without a loop runs, and is compiled, in one go. */
const maxBodySize = 1_048_576;

/**
 * Rewrites the code of a module so that it cannot run for long unnoticed: it counts down a global, the fuel, and calls out when that is used up. Loops count in a
 * local and touch the global once per {@link iterationsPerCharge}; functions charge at their entry only where calls alone could go on for
 * ever; copies and fills charge by their length. Indices refer to what `appendState` adds.
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
  const charged = chargedFunctions(bodies, layout.importedFuncCount);
  const writer = new Writer(source);
  const helpers = new BulkHelpers(layout);
  writer.bytes(leb(bodies.length));
  bodies.forEach((body, index) => {
    writeBody(writer, body, layout.paramCounts[index] ?? 0, charged.get(index) ?? 0, layout, helpers);
  });
  return {
    payload: writer.result(),
    helpers: helpers.bodies,
    changesHiddenState: bodies.some((body) => body.changesHiddenState),
  };
}

function constant(value: number): number[] {
  return [0x41, ...signedLeb(value)];
}

/** `fuel -= amount; if (fuel < 0) poll()`. */
function chargeCode(layout: ModuleLayout, amount: readonly number[]): number[] {
  const fuel = leb(layout.globalCount);
  const poll = leb(layout.funcCount);
  return [
    0x23,
    ...fuel,
    ...amount,
    0x6b,
    0x24,
    ...fuel,
    0x23,
    ...fuel,
    0x41,
    0x00,
    0x48,
    0x04,
    0x40,
    0x10,
    ...poll,
    0x0b,
  ];
}

function writeBody(
  writer: Writer,
  body: BodyFacts,
  paramCount: number,
  entryCharge: number,
  layout: ModuleLayout,
  helpers: BulkHelpers,
): void {
  const counter = paramCount + body.localCount;
  const bulkLength = counter + 1;
  const insertions: { at: number; code: readonly number[] }[] = [];
  if (entryCharge > 0) insertions.push({ at: body.codeStart, code: chargeCode(layout, constant(entryCharge)) });
  for (const { bodyStart, size } of body.loops)
    insertions.push({ at: bodyStart, code: loopCode(counter, size, layout) });
  for (const at of body.bulkOperations) {
    const code = [...helpers.call(writer.source, at, leb(bulkLength)), ...bulkCode(bulkLength, layout)];
    insertions.push({ at, code });
  }
  insertions.sort((a, b) => a.at - b.at);

  const hasLocals = body.loops.length > 0 || body.bulkOperations.length > 0;
  const groups = leb(body.localGroups + (hasLocals ? 1 : 0));
  const ownGroup = hasLocals ? [0x02, 0x7f] : [];
  const oldGroupsLength = leb(body.localGroups).length;
  const localsStart = body.start + groupsLength(writer.source, body.start, oldGroupsLength);
  const added = insertions.reduce((sum, insertion) => sum + insertion.code.length, 0);
  writer.bytes(
    leb(groups.length + (body.codeStart - localsStart) + ownGroup.length + (body.end - body.codeStart) + added),
  );
  writer.bytes(groups);
  writer.copy(localsStart, body.codeStart);
  writer.bytes(ownGroup);
  let position = body.codeStart;
  for (const { at, code } of insertions) {
    writer.copy(position, at);
    writer.bytes(code);
    position = at;
  }
  writer.copy(position, body.end);
}

/** Bytes that the count of local groups takes in the source, which need not be the shortest form. */
function groupsLength(source: Uint8Array, start: number, atLeast: number): number {
  let length = 1;
  while (((source[start + length - 1] ?? 0) & 0x80) !== 0) length++;
  return Math.max(length, atLeast);
}

/** `counter -= step; if (counter < 0) { counter = reload; charge }`. */
function loopCode(counter: number, size: number, layout: ModuleLayout): number[] {
  const charge = chargeCode(layout, constant(Math.max(1, Math.ceil(size / (iterationsPerCharge * bytesPerStep)))));
  const step = Math.min(iterationsPerCharge, Math.max(1, Math.ceil(size / bytesPerStep)));
  const local = leb(counter);
  return [
    ...[0x20, ...local, 0x41, ...signedLeb(step), 0x6b, 0x22, ...local, 0x41, 0x00, 0x48, 0x04, 0x40],
    ...[0x41, ...signedLeb(iterationsPerCharge - 1), 0x21, ...local, ...charge, 0x0b],
  ];
}

/** With the length on the stack: keeps it there, and charges by it. */
function bulkCode(length: number, layout: ModuleLayout): number[] {
  const local = leb(length);
  return [0x22, ...local, ...chargeCode(layout, [0x20, ...local, 0x41, bulkShift, 0x76])];
}

/** Functions that do long copies and fills in chunks, one for each instruction and the memories it names. */
class BulkHelpers {
  readonly bodies: number[][] = [];
  readonly #layout: ModuleLayout;
  readonly #indices = new Map<string, number>();

  constructor(layout: ModuleLayout) {
    this.#layout = layout;
  }

  /** What stands before the bulk operation at `at`. */
  call(source: Uint8Array, at: number, length: readonly number[]): number[] {
    const operation = readBulkOperation(source, at);
    if (operation === undefined) return [];
    const key = JSON.stringify(operation);
    const index = this.#indices.get(key) ?? this.bodies.length;
    if (index === this.bodies.length) {
      this.#indices.set(key, index);
      this.bodies.push(bulkHelper(operation, chargeCode(this.#layout, constant(bulkChunk >>> bulkShift))));
    }
    // The types and functions that `appendState` adds: the first of each is the one that polls.
    return chunkCode(length, this.#layout.typeCount + 1, this.#layout.funcCount + 1 + index);
  }
}

/** Bytes written one after the other into a buffer that grows. */
class Writer {
  readonly source: Uint8Array;
  #buffer: Uint8Array;
  #length = 0;

  constructor(source: Uint8Array) {
    this.source = source;
    this.#buffer = new Uint8Array(Math.ceil(source.length * 1.1) + 64);
  }

  bytes(bytes: readonly number[]): void {
    this.#reserve(bytes.length);
    for (const byte of bytes) this.#buffer[this.#length++] = byte;
  }

  /** A range of the source. */
  copy(from: number, to: number): void {
    this.#reserve(to - from);
    this.#buffer.set(this.source.subarray(from, to), this.#length);
    this.#length += to - from;
  }

  result(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#buffer.length) return;
    const larger = new Uint8Array((this.#length + size) * 2);
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
