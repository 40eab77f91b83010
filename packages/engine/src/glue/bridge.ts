import type { CoreFuncType, CoreValueType } from '../binary/core-module.js';
import { leb } from '../rewrite/leb.js';

const typeCodes: Readonly<Record<CoreValueType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, ref: 0x6f };
const encoder = new TextEncoder();

/** A trampoline that may suspend. */
export interface BridgedTrampoline {
  readonly index: number;
  readonly type: CoreFuncType;
}

/**
 * The name under which a bridge imports the function that suspends, by the one result it gives.
 */
export function waitName({ results }: CoreFuncType): string {
  return `w_${results[0] ?? 'none'}`;
}

/**
 * Makes a small module that stands between core modules and the host functions that may suspend. V8 suspends the guest at every call of a
 * `WebAssembly.Suspending`, also when the answer is there at once, which costs a stack switch and a turn of the microtask queue. So the bridge
 * calls a plain function first; only when that leaves `pending` set does it call the suspending one.
 *
 * Imports, from module `b`: the global `pending`, `t<index>` with the signature of the trampoline, and `w_<result>` without parameters. Exports `s<index>`.
 */
export function bridgeModule(trampolines: readonly BridgedTrampoline[]): Uint8Array<ArrayBuffer> {
  const waits = [...new Map(trampolines.map(({ type }) => [waitName(type), type.results])).entries()];
  const types = [...trampolines.map(({ type }) => type), ...waits.map(([, results]) => ({ params: [], results }))];
  const imports = [
    [...name('b'), ...name('pending'), 0x03, 0x7f, 0x01],
    ...trampolines.map(({ index }, position) => [...name('b'), ...name(`t${index}`), 0x00, ...leb(position)]),
    ...waits.map(([wait], position) => [...name('b'), ...name(wait), 0x00, ...leb(trampolines.length + position)]),
  ];
  const firstOwn = trampolines.length + waits.length;
  const bodies = trampolines.map(({ type }, position) => {
    const wait = trampolines.length + waits.findIndex(([wanted]) => wanted === waitName(type));
    return body(type, position, wait);
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(
      1,
      types.map((type) => [0x60, ...valueTypes(type.params), ...valueTypes(type.results)]),
    ),
    ...section(2, imports),
    ...section(
      3,
      trampolines.map((_, position) => leb(position)),
    ),
    ...section(
      7,
      trampolines.map(({ index }, position) => [...name(`s${index}`), 0x00, ...leb(firstOwn + position)]),
    ),
    ...section(
      10,
      bodies.map((code) => [...leb(code.length), ...code]),
    ),
  ]);
}

/** `result = call(...); if (pending) result = wait(); return result` */
function body(type: CoreFuncType, call: number, wait: number): number[] {
  const [result] = type.results;
  const local = leb(type.params.length);
  const keep = result === undefined ? [] : [0x21, ...local];
  return [
    ...(result === undefined ? [0x00] : [0x01, 0x01, typeCodes[result]]),
    ...type.params.flatMap((_, index) => [0x20, ...leb(index)]),
    ...[0x10, ...leb(call), ...keep, 0x23, 0x00, 0x04, 0x40, 0x10, ...leb(wait), ...keep, 0x0b],
    ...(result === undefined ? [] : [0x20, ...local]),
    0x0b,
  ];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const content = [...leb(items.length), ...items.flat()];
  return [id, ...leb(content.length), ...content];
}

function valueTypes(types: readonly CoreValueType[]): number[] {
  return [...leb(types.length), ...types.map((type) => typeCodes[type])];
}

function name(text: string): number[] {
  const bytes = encoder.encode(text);
  return [...leb(bytes.length), ...bytes];
}
