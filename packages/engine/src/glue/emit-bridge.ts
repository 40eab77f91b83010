import type { CoreFuncType } from '../binary/core-module.js';
import { coreSignature } from '../plan/type-table.js';
import { type BridgeParts, bridgeModule, waitName } from './bridge.js';
import type { BridgeWriter } from './bridge-writer.js';
import { type Emission, isGuarded } from './functions.js';

/** The bridge of a plan: its module, and the code that makes an instance of it. */
export class Bridge {
  readonly #writer: BridgeWriter;
  readonly #parts: BridgeParts;

  /** `used` are the trampolines that anything refers to. */
  constructor(used: readonly number[], emission: Emission) {
    const { plan, suspension, adapters } = emission;
    this.#parts = {
      waiting: used
        .filter((index) => suspension.trampolines.has(index) && !adapters.has(index))
        .map((index) => ({ index, type: plan.trampolines[index]?.core ?? nothing })),
      adapters: used.flatMap((index) => adapters.get(index) ?? []),
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
  }

  get isNeeded(): boolean {
    return this.#parts.waiting.length + this.#parts.adapters.length > 0;
  }

  get module(): Uint8Array<ArrayBuffer> | undefined {
    return this.isNeeded ? this.#writer.bytes() : undefined;
  }

  /** The instance, whose module is `modules[module]`: `s<index>` is what core modules get for trampoline `index`. */
  emit(module: number): string {
    if (!this.isNeeded) return '';
    const { waiting, adapters } = this.#parts;
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
      ...[...waiting, ...adapters].map(({ index }) => `const s${index} = bridge.s${index};`),
      this.enter(),
    ].join('\n');
  }

  /** Lets a life see what the bridge knows of it. */
  enter(): string {
    return this.#parts.adapters.length > 0 ? 'life.inner = at;' : '';
  }

  /** When all core instances are there. */
  ready(): string {
    return this.#writer.imports.includes('guard') ? 'guard.value = 0;' : '';
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
