import type { CoreFuncType } from '../binary/core-module.js';
import { reallocSignature } from '../plan/canon.js';
import { leb } from '../rewrite/leb.js';
import { type Adapter, writeAdapter } from './adapters.js';
import { BridgeWriter, type WasmCode } from './bridge-writer.js';
import { asking } from './copier.js';

/** A trampoline that core modules do not call as it is. */
export interface BridgedTrampoline {
  readonly index: number;
  readonly type: CoreFuncType;
}

/** What a bridge is made for. */
export interface BridgeParts {
  /** Host functions that may suspend. */
  readonly waiting: readonly BridgedTrampoline[];
  readonly adapters: readonly Adapter[];
  /** Others that could be called where that is forbidden, without JavaScript noticing. */
  readonly plain: readonly BridgedTrampoline[];
  /** Whether a trampoline has to ask for that. */
  isAsking(index: number): boolean;
  /** Contexts whose `realloc` belongs to a component with direct adapters: calling out of it is refused. */
  readonly guardedReallocs: readonly number[];
  /** Lifts whose post-return function does, with the type of that. */
  readonly guardedPostReturns: readonly { readonly lift: number; readonly type: CoreFuncType }[];
}

/** The name under which a bridge imports the function that suspends, by the one result it gives. */
export function waitName({ results }: CoreFuncType): string {
  return `w_${results[0] ?? 'none'}`;
}

/**
 * Makes a small module that stands between core modules and JavaScript.
 *
 * - `s<index>` for each host function that may suspend. V8 suspends the guest at every call of a `WebAssembly.Suspending`, also when the answer
 *   is there at once, which costs a stack switch and a turn of the microtask queue. So the bridge calls the plain function `t<index>`
 *   first; only when that leaves `pending` set does it call the suspending one, `w_<result>`.
 * - `s<index>` for each {@link Adapter}. That of a copying one calls what is in slot `x<index>`: `y<index>`, until there is a better one.
 * - `r<context>` and `q<lift>`: a guest's own functions with `guard` raised meanwhile, so that direct adapters, which see nothing else,
 *   ask `l<index>` whether they may be called.
 */
export function bridgeModule(parts: BridgeParts): BridgeWriter {
  const { waiting, adapters, plain, guardedReallocs, guardedPostReturns } = parts;
  const writer = new BridgeWriter();
  const ask = (index: number): WasmCode => (parts.isAsking(index) ? asking(writer, index) : []);
  for (const trampoline of waiting) writeWaiting(writer, trampoline, ask(trampoline.index));
  for (const adapter of adapters) {
    const { index, kind, caller } = adapter;
    const isCopying = kind === 'copying';
    writeAdapter(writer, adapter, `${isCopying ? 'y' : 's'}${index}`, isCopying ? [] : ask(index));
    if (isCopying) writePassing(writer, { index, type: caller }, ask(index), writer.callSlot(`x${index}`, caller));
  }
  for (const trampoline of plain)
    writePassing(writer, trampoline, ask(trampoline.index), writer.call(`t${trampoline.index}`, trampoline.type));
  for (const context of guardedReallocs) writeGuarded(writer, `r${context}`, reallocSignature);
  for (const { lift, type } of guardedPostReturns) writeGuarded(writer, `q${lift}`, type);
  return writer;
}

/** `first(); return call(...)` */
function writePassing(writer: BridgeWriter, { index, type }: BridgedTrampoline, first: WasmCode, call: WasmCode): void {
  const params = type.params.flatMap((_, param) => [0x20, ...leb(param)]);
  writer.add(`s${index}`, type, [], [...first, ...params, ...call]);
}

/** `first(); result = call(...); if (pending) result = wait(); return result` */
function writeWaiting(writer: BridgeWriter, { index, type }: BridgedTrampoline, first: WasmCode): void {
  const [result] = type.results;
  const local = leb(type.params.length);
  const keep = result === undefined ? [] : [0x21, ...local];
  writer.add(`s${index}`, type, type.results, [
    ...first,
    ...type.params.flatMap((_, param) => [0x20, ...leb(param)]),
    ...[...writer.call(`t${index}`, type), ...keep, 0x23, ...writer.global('pending'), 0x04, 0x40],
    ...[...writer.call(waitName(type), { params: [], results: type.results }), ...keep, 0x0b],
    ...(result === undefined ? [] : [0x20, ...local]),
  ]);
}

/** `guard++; result = slot(...); guard--; return result` */
function writeGuarded(writer: BridgeWriter, name: string, type: CoreFuncType): void {
  const guard = writer.global('guard');
  const add = (step: readonly number[]): number[] => [0x23, ...guard, 0x41, 0x01, ...step, 0x24, ...guard];
  writer.add(
    name,
    type,
    [],
    [
      ...add([0x6a]),
      ...type.params.flatMap((_, param) => [0x20, ...leb(param)]),
      ...writer.callSlot(name, type),
      ...add([0x6b]),
    ],
  );
}
