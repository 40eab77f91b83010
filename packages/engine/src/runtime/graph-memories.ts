import { HostError } from '@lodge/core';

/** What several memories of one component may hold together. */
export interface MemoryBudget {
  /** The component's name. */
  readonly unit: string;
  readonly maxBytes: number;
  /** By their index in the graph. */
  readonly memories: readonly number[];
}

/** The memories of a graph, and how large they are, at the price of a few loads: growth detaches a view, which is empty then. */
export class GraphMemories {
  /** One of each memory, as they were at the last {@link look}. */
  readonly views: Uint8Array[];
  readonly #memories: readonly WebAssembly.Memory[];
  readonly #budgets: readonly MemoryBudget[];
  readonly #initial: readonly number[];
  /** By memory: what earlier lives have grown it to, which this one is not blamed for. */
  #kept: readonly number[];
  #bytes = 0;
  #fault: HostError | undefined;

  constructor(memories: readonly WebAssembly.Memory[], budgets: readonly MemoryBudget[]) {
    this.#memories = memories;
    this.#budgets = budgets;
    this.views = memories.map((memory) => new Uint8Array(memory.buffer));
    this.#initial = this.views.map(({ length }) => length);
    this.#kept = this.#initial;
    this.#measure();
  }

  /** How many there are. */
  get count(): number {
    return this.views.length;
  }

  /** Of all of them together, at the last {@link look}. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The error for a budget that is used up, if there is one. */
  look(): HostError | undefined {
    const { views } = this;
    let hasChanged = false;
    for (let index = 0; index < views.length; index++) {
      const buffer = views[index]?.length === 0 ? this.#memories[index]?.buffer : undefined;
      if (buffer === undefined || buffer.byteLength === 0) continue;
      views[index] = new Uint8Array(buffer);
      hasChanged = true;
    }
    if (hasChanged) this.#measure();
    return this.#fault;
  }

  /** Whether one of them has grown in this life. Looks. */
  hasGrown(): boolean {
    this.look();
    return this.views.some(({ length }, index) => length !== this.#kept[index]);
  }

  /** Another life begins, for which growth has been undone. */
  renew(): void {
    this.#kept = this.views.map(({ length }) => length);
    this.#measure();
  }

  #measure(): void {
    this.#bytes = this.views.reduce((sum, { length }) => sum + length, 0);
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
    return (this.views[index]?.length ?? 0) - (this.#kept[index] ?? 0) + (this.#initial[index] ?? 0);
  }
}
