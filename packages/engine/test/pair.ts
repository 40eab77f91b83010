import { type CompileOptions, HostError } from '@lodge/core';
import { expect } from 'vitest';

/** Two components of a graph: what the core modules of each hold, and what is made of that. */
export interface Pair {
  /** Of the component that is called: its core module, and its exports. */
  readonly innerCore: string;
  readonly innerExports: string;
  /** The functions between them: name and type. */
  readonly between: Readonly<Record<string, string>>;
  /** Types of the core functions that the caller imports for them. Those left out are lowered and used by nothing. */
  readonly core: Readonly<Record<string, string>>;
  /** The core module with the memory of the caller, which may call `$wait`. @default {@link growing} */
  readonly outerMemory?: string;
  readonly outerCore: string;
  readonly outerExports: string;
  readonly exports: readonly string[];
}

/** Both get `wait`; the memory of `outer`, with its `realloc`, is in an instance of its own, `$mem`. */
export function pair({
  innerCore,
  innerExports,
  between,
  core,
  outerMemory = growing,
  outerCore,
  outerExports,
  exports,
}: Pair): string {
  const names = Object.keys(between);
  const options = '(memory (core memory $mem "memory")) (realloc (core func $mem "realloc"))';
  return `(component
    (import "wait" (func $wait))
    (component $Inner
      (import "wait" (func $wait))
      (core func $w (canon lower (func $wait)))
      (core module $m (import "" "wait" (func $wait)) ${innerCore})
      (core instance $i (instantiate $m (with "" (instance (export "wait" (func $w))))))
      ${innerExports})
    (instance $inner (instantiate $Inner (with "wait" (func $wait))))
    (component $Outer
      (import "wait" (func $wait))
      (core func $w (canon lower (func $wait)))
      ${names.map((name) => `(import "${name}" (func $${name} ${between[name]}))`).join('\n')}
      (core module $memory (import "" "wait" (func $wait)) ${outerMemory})
      (core instance $mem (instantiate $memory (with "" (instance (export "wait" (func $w))))))
      ${names.map((name) => `(core func $${name} (canon lower (func $${name}) ${options}))`).join('\n')}
      (core module $m
        (import "" "memory" (memory 1))
        ${Object.entries(core)
          .map(([name, type]) => `(import "" "${name}" (func $${name} ${type}))`)
          .join('\n')}
        ${outerCore})
      (core instance $i (instantiate $m (with "" (instance
        (export "memory" (memory $mem "memory"))
        ${Object.keys(core)
          .map((name) => `(export "${name}" (func $${name}))`)
          .join('\n')}))))
      ${outerExports})
    (instance $outer (instantiate $Outer (with "wait" (func $wait)) ${names.map((name) => `(with "${name}" (func $inner "${name}"))`).join(' ')}))
    ${exports.map((name) => `(export "${name}" (func $outer "${name}"))`).join('\n')})`;
}

/** A memory whose `realloc` makes it grow every time, so that no view of it lives long. */
export const growing: string = `
  (memory (export "memory") 1)
  (data (i32.const 0) "\\01\\00\\00\\00\\20\\00\\00\\00\\04\\00\\00\\00\\02\\00\\00\\00\\20\\00\\00\\00\\04\\00\\00\\00")
  (global $next (mut i32) (i32.const 65536))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $pointer i32)
    (drop (memory.grow (i32.const 1)))
    (local.set $pointer (global.get $next))
    (global.set $next
      (i32.add (local.get $pointer) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))
    (local.get $pointer))`;

/** Ways in which calls between components are made. */
export const ways: readonly (readonly [string, Readonly<Partial<CompileOptions>>])[] = [
  ['that cannot suspend', {}],
  ['that may suspend', { suspendingImports: new Set(['#wait']) }],
  ['that can be interrupted', { isInterruptible: true }],
];

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The error that `work` fails with. */
export async function failureOf(work: () => unknown): Promise<HostError> {
  try {
    await work();
  } catch (error) {
    if (HostError.is(error)) return error;
    throw error;
  }
  return expect.fail('it did not fail');
}
