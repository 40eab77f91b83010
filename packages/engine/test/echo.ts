import assert from 'node:assert/strict';
import { type ComponentInstance, type Engine, type GuestFunction, type LinkedComponent, WitError } from '@lodge/core';
import { memberName, type RandomTypes, testScope } from '@lodge-internal/engine-suite';
import {
  type EchoFunction,
  echoComponent,
  echoInterface,
  type StringEncoding,
  type ValueType,
} from '@lodge-internal/fixtures';

/** How deep types nest, in turn. */
export const depths: readonly number[] = [0, 1, 2, 3, 3, 4];

/** Components that echo what they are given, started. */
export interface Echo {
  readonly functions: readonly EchoFunction[];
  /** Calls function `index`; `received` is what the host function got. */
  call(index: number, value: unknown): Promise<{ readonly received: unknown; readonly result: unknown }>;
}

/** Each function takes a value and answers a tuple of it, or the value itself: two ways for a result to travel. */
export function functionsOf(random: RandomTypes, count: number): readonly EchoFunction[] {
  return Array.from({ length: count }, (_, index) => {
    const type = random.type(depths[index % depths.length] ?? 0);
    return {
      name: `call${index}`,
      params: [type],
      result: index % 2 === 0 ? type : { kind: 'tuple', elements: [type] },
    };
  });
}

/** How the host function behind an echo answers. */
export interface EchoOptions {
  /** Whether it answers with a promise, so that the guest is suspended. */
  readonly isSuspending?: boolean;
}

/** Starts echo components in a chain, one for each encoding: the first is called, and the last one calls the host. */
export async function startEcho(
  engine: Engine,
  functions: readonly EchoFunction[],
  encodings: readonly StringEncoding[],
  { isSuspending = false }: EchoOptions = {},
): Promise<Echo> {
  let received: unknown;
  const answer = (name: string, result: ValueType | undefined, value: unknown): unknown => {
    received = value;
    if (result?.kind === 'result') return outcomeOf(value);
    return result === functions[Number(name.slice(4))]?.params[0] ? value : [value];
  };
  const host = Object.fromEntries(
    functions.map(({ name, result }) => [
      name,
      (value: unknown) =>
        isSuspending ? nextTurn().then(() => answer(name, result, value)) : answer(name, result, value),
    ]),
  );
  const unit = await chain(functions, encodings, isSuspending);
  const compiled = await engine.compile(unit.bytes, unit);
  const imports = new Map([[`echo${encodings.length - 1}`, { [echoInterface]: host }]]);
  const instance = await compiled.instantiate(imports, testScope('echo'));
  const guest = exportsOf(instance, echoInterface);
  return {
    functions,
    async call(index, value) {
      const fn = functions[index];
      const type = fn?.params[0];
      assert(fn !== undefined && type !== undefined);
      const result =
        type.kind === 'result' && fn.result === type
          ? await caught(guest, fn, value)
          : await guest[memberName(fn.name)]?.(value);
      return { received, result: fn.result === type ? result : (result as readonly unknown[])[0] };
    },
  };
}

/** The first component of a chain, linked to the others. */
async function chain(
  functions: readonly EchoFunction[],
  encodings: readonly StringEncoding[],
  isSuspending: boolean,
): Promise<LinkedComponent> {
  const names = functions.map(({ name }) => `${echoInterface}#${name}`);
  let next: LinkedComponent | undefined;
  for (const [position, encoding] of [...encodings.entries()].reverse()) {
    next = {
      name: `echo${position}`,
      bytes: await echoComponent(functions, encoding),
      suspendingImports: new Set(isSuspending && next === undefined ? names : []),
      ...(next && { links: new Map([[echoInterface, { component: next, externName: echoInterface }]]) }),
    };
  }
  assert(next !== undefined);
  return next;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The functions of an exported interface. */
export function exportsOf(instance: ComponentInstance, name: string): Readonly<Record<string, GuestFunction>> {
  const found = instance.exports[name];
  assert(typeof found === 'object');
  return found;
}

/** A host function of a `result` answers the ok value or throws the other one. */
function outcomeOf(value: unknown): unknown {
  const { tag, val } = value as { readonly tag: string; readonly val?: unknown };
  if (tag === 'err') throw new WitError(val);
  return val;
}

/** What a function with a `result` answers or throws, as the value of a nested one. */
async function caught(
  guest: Readonly<Record<string, GuestFunction>>,
  { name }: EchoFunction,
  value: unknown,
): Promise<unknown> {
  try {
    return { tag: 'ok', val: await guest[name]?.(value) };
  } catch (error) {
    if (WitError.is(error)) return { tag: 'err', val: error.payload };
    throw error;
  }
}

/** The fast way for what is nearly always equal; the slow one says where it differs. */
export function assertSame(actual: unknown, expected: unknown, what: () => string): void {
  try {
    assert.deepStrictEqual(actual, expected);
  } catch (cause) {
    throw new Error(`${what()}: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
}

/** Which call it was, for messages. */
export function describeCall(fn: EchoFunction, encoding: StringEncoding): string {
  return `${encoding} ${JSON.stringify(fn.params[0])}`;
}
