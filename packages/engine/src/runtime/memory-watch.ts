import { HostError } from '@lodge/core';

/** What several memories of one component may hold together. */
export interface MemoryBudget {
  /** The component's name. */
  readonly unit: string;
  readonly maxBytes: number;
  /** By their index in the graph. */
  readonly memories: readonly number[];
}

/** Knows how large the memories of a graph are, at the price of a few loads: a view is empty when its memory has grown. */
export class MemoryWatch {
  readonly #memories: readonly WebAssembly.Memory[];
  readonly #budgets: readonly MemoryBudget[];
  readonly #views: Uint8Array[];
  readonly #initial: readonly number[];
  /** By memory: what earlier lives have grown it to, which this one is not blamed for. */
  #kept: readonly number[];
  #bytes = 0;
  #fault: HostError | undefined;

  constructor(memories: readonly WebAssembly.Memory[], budgets: readonly MemoryBudget[]) {
    this.#memories = memories;
    this.#budgets = budgets;
    this.#views = memories.map((memory) => new Uint8Array(memory.buffer));
    this.#initial = this.#views.map(({ length }) => length);
    this.#kept = this.#initial;
    this.#measure();
  }

  /** Of all memories together, at the last {@link look}. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The error for a budget that is used up, if there is one. */
  look(): HostError | undefined {
    let hasGrown = false;
    this.#views.forEach((view, index) => {
      const memory = this.#memories[index];
      if (view.length > 0 || memory === undefined) return;
      this.#views[index] = new Uint8Array(memory.buffer);
      hasGrown = true;
    });
    if (hasGrown) this.#measure();
    return this.#fault;
  }

  /** Another life begins, for which growth has been undone. */
  renew(): void {
    this.look();
    this.#kept = this.#views.map(({ length }) => length);
    this.#measure();
  }

  #measure(): void {
    this.#bytes = this.#views.reduce((sum, { length }) => sum + length, 0);
    this.#fault = this.#exceeded();
  }

  #exceeded(): HostError | undefined {
    for (const { unit, maxBytes, memories } of this.#budgets) {
      const bytes = memories.reduce((sum, index) => sum + this.#grownTo(index), 0);
      if (bytes > maxBytes) {
        return new HostError(
          'ERR_LIMIT_EXCEEDED',
          `The ${memories.length} memories of component ${JSON.stringify(unit)} have grown to ${bytes} bytes together, more than the ${maxBytes} it is allowed; raise its memory limit.`,
        );
      }
    }
    return undefined;
  }

  /** Never more than the guest knows. */
  #grownTo(index: number): number {
    return (this.#views[index]?.length ?? 0) - (this.#kept[index] ?? 0) + (this.#initial[index] ?? 0);
  }
}
