import type { CoreFuncType } from '../binary/core-module.js';
import { coreSignature } from '../plan/type-table.js';
import type { MemoryContext } from '../plan/types.js';
import { type BridgedTrampoline, type BridgeParts, bridgeModule, waitName } from './bridge.js';
import type { BridgeWriter } from './bridge-writer.js';
import { Copier } from './copier.js';
import { writeCopying } from './copying-function.js';
import { coreFuncName, type Emission, isAsking, isGuarded } from './functions.js';

/** Calls through copying adapters after which a graph gets their functions: making them takes as long as a few hundred calls save. */
const coldCalls = 256;

/** What a function that carries values for a copying adapter begins with. */
export const countingCode = 'if (--cold === 0) quicken();';

/** The bridge of a plan: its modules, and the code that makes instances of them. */
export class Bridge {
  readonly #writer: BridgeWriter;
  readonly #parts: BridgeParts;
  readonly #emission: Emission;
  /** Undefined: no adapter is a copying one. */
  readonly #copier: Copier | undefined;

  /**
   * @param used the trampolines that anything refers to
   * @param isResizable whether the guest's own functions tell the size of a memory
   */
  constructor(used: readonly number[], emission: Emission, isResizable: (context: MemoryContext) => boolean) {
    const { plan, suspension, adapters } = emission;
    this.#emission = emission;
    const bridged = used
      .filter((index) => !adapters.has(index))
      .map((index): BridgedTrampoline => ({ index, type: plan.trampolines[index]?.core ?? nothing }));
    const isWaiting = ({ index }: BridgedTrampoline): boolean => suspension.trampolines.has(index);
    this.#parts = {
      waiting: bridged.filter(isWaiting),
      adapters: used.flatMap((index) => adapters.get(index) ?? []),
      plain: bridged.filter((trampoline) => !isWaiting(trampoline) && isAsking(trampoline.index, emission)),
      isAsking: (index) => isAsking(index, emission),
      guardedReallocs: plan.contexts
        .filter((context) => context.realloc !== undefined && isGuarded(context, context.realloc, emission))
        .map(({ index }) => index),
      guardedPostReturns: plan.lifts.flatMap(({ index, context, type, postReturn }) =>
        postReturn !== undefined && isGuarded(context, postReturn, emission)
          ? [{ lift: index, type: { params: coreSignature(type, 'lift').results, results: [] } }]
          : [],
      ),
    };
    this.#writer = bridgeModule(this.#parts);
    const copying = this.#parts.adapters.filter(({ kind }) => kind === 'copying');
    this.#copier = copying.length > 0 ? new Copier(isResizable) : undefined;
    for (const adapter of copying) if (this.#copier !== undefined) writeCopying(this.#copier, adapter);
  }

  get isNeeded(): boolean {
    const { waiting, adapters, plain } = this.#parts;
    return waiting.length + adapters.length + plain.length > 0;
  }

  /** What stands between core modules and JavaScript, and between memories. */
  get modules(): readonly Uint8Array<ArrayBuffer>[] {
    if (!this.isNeeded) return [];
    return this.#copier === undefined ? [this.#writer.bytes()] : [this.#writer.bytes(), this.#copier.writer.bytes()];
  }

  /** The instance, whose module is `modules[module]`: `s<index>` is what core modules get for trampoline `index`. */
  emit(module: number): string {
    if (!this.isNeeded) return '';
    const { waiting, adapters, plain } = this.#parts;
    const { imports } = this.#writer;
    const waits = new Set(waiting.map(({ type }) => waitName(type)));
    const entries = imports.map((name) => (waits.has(name) ? `${name}: suspend` : name));
    const globals = ['pending', 'at', 'guard'].filter((name) => imports.includes(name));
    return [
      // Until everything is in place, whoever calls out of its component has to ask.
      ...globals.map((name) => {
        const first = name === 'guard' ? 1 : 0;
        return `const ${name} = new WebAssembly.Global({ value: 'i32', mutable: true }, ${first});`;
      }),
      waiting.length > 0 ? waitingCode : '',
      `const bridge = new WebAssembly.Instance(modules[${module}], { b: { ${entries.join(', ')} } }).exports;`,
      ...[...waiting, ...adapters, ...plain].map(({ index }) => `const s${index} = bridge.s${index};`),
      ...adapters
        .filter(({ kind }) => kind === 'copying')
        .map(({ index }) => this.fill(`x${index}`, `bridge.y${index}`)),
      this.#copier === undefined ? '' : 'let cold = 0;',
      this.enter(),
    ].join('\n');
  }

  /**
   * What gives copying adapters their functions, once there have been enough calls to be worth it. All core instances are there by then.
   *
   * @param pages names the function that tells the size of a memory, where the guest does
   */
  emitCopier(module: number, pages: (context: MemoryContext) => string): string {
    const copier = this.#copier;
    if (copier === undefined) return '';
    const { contexts, writer } = copier;
    const memories = new Map(contexts.map(({ index }) => [`m${index}`, `m${index}.memory`]));
    const entries = writer.imports.map((name) => `${name}: ${memories.get(name) ?? name}`);
    const copying = this.#parts.adapters.filter(({ kind }) => kind === 'copying');
    const fill = (slot: string, value: string): string => {
      const index = writer.slots.get(slot);
      return index === undefined ? '' : `copier.slots.set(${index}, ${value});`;
    };
    return [
      ...contexts.map(
        ({ index }) =>
          `function o${index}(pointer, size, align) { try { m${index}.refresh(); m${index}.at(pointer, size, align); } catch (error) { throw life.guestFailed(error, at.value - 1); } }`,
      ),
      'function quicken() {',
      `const copier = new WebAssembly.Instance(modules[${module}], { b: { ${entries.join(', ')} } }).exports;`,
      ...contexts.flatMap((context) => [
        fill(`z${context.index}`, pages(context)),
        context.realloc === undefined ? '' : fill(`r${context.index}`, coreFuncName(context.realloc, this.#emission)),
      ]),
      ...copying.flatMap(({ index, lift }) => [
        fill(`f${lift.index}`, `f${lift.index}`),
        lift.postReturn === undefined ? '' : fill(`q${lift.index}`, coreFuncName(lift.postReturn, this.#emission)),
        this.fill(`x${index}`, `copier.x${index}`),
      ]),
      '}',
    ].join('\n');
  }

  /** Lets a life see what the bridge knows of it. */
  enter(): string {
    return this.#parts.adapters.length > 0 ? 'life.inner = at;' : '';
  }

  /** When all core instances are there. */
  ready(): string {
    const open = this.#writer.imports.includes('guard') ? 'guard.value = 0;' : '';
    return this.#copier === undefined ? open : `${open} cold = ${coldCalls};`;
  }

  /** Puts a guest's function where the bridge calls it; empty where it does not. */
  fill(slot: string, value: string): string {
    const index = this.#writer.slots.get(slot);
    return index === undefined ? '' : `bridge.slots.set(${index}, ${value});`;
  }
}

const nothing: CoreFuncType = { params: [], results: [] };

/** How the guest waits for a promise that a host function answered with. */
const waitingCode = [
  'let waiting;',
  'function wait(promise) { waiting = promise; pending.value = 1; }',
  'const suspend = new WebAssembly.Suspending(() => { pending.value = 0; const promise = waiting; waiting = undefined; return promise; });',
].join('\n');
