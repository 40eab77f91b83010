import { type CompiledComponent, type ComponentImports, type ComponentInstance, HostError } from '@lodge/core';
import { bindHosts } from './bind.js';
import type { SharedCode } from './code-cache.js';
import { describeLife } from './describe-life.js';
import { shapeOf } from './plan/shape.js';
import { type Graph, GraphSource } from './runtime/graph.js';
import type { Life } from './runtime/life.js';
import type { LiveMemories } from './runtime/live-memories.js';
import type { Turns } from './runtime/turns.js';

/** What a {@link compiledComponent} is made of. */
export interface CompiledComponentOptions {
  readonly name: string;
  readonly shared: SharedCode;
  readonly turns: Turns;
  readonly liveMemories: LiveMemories;
  /** Whether a graph whose memory has grown is made new, too. */
  readonly keepsGrownMemories: boolean;
}

/** Code with a source of instances of its own: all state is in here and below. */
export function compiledComponent({
  name,
  shared,
  turns,
  liveMemories,
  keepsGrownMemories,
}: CompiledComponentOptions): CompiledComponent {
  const { code, nameOf } = shared;
  const { plan } = code;
  const source = new GraphSource({
    program: code.program,
    limits: code.limits,
    memoryBudgets: code.memoryBudgets.map((budget) => ({ ...budget, unit: nameOf(budget.unit) })),
    description: describeLife(name, plan, nameOf),
    mayRecycle: code.mayRecycle,
    hasHiddenState: code.hasHiddenState,
    withVirtualSizes: keepsGrownMemories ? code.withVirtualSizes : undefined,
    turns: code.isInterruptible ? turns : undefined,
    liveMemories,
  });
  let isDisposed = false;
  // Plugins hand out the same import objects again and again; host functions are looked up only when they change.
  let bound:
    | { readonly imports: readonly (ComponentImports | undefined)[]; readonly hosts: readonly unknown[] }
    | undefined;
  const units = [...new Set(plan.componentInstances.map(nameOf))];

  return {
    shape: shapeOf(code.graph),
    async renewal() {
      const isReset = code.mayRecycle && !(await code.hasHiddenState().catch(() => true));
      return isReset ? 'reset' : 'plain';
    },
    instantiate(imports): ComponentInstance {
      if (isDisposed) {
        throw new HostError(
          'ERR_INSTANCE_CLOSED',
          `Component ${JSON.stringify(name)} was disposed of; compile it again.`,
        );
      }
      if (bound === undefined || units.some((unit, index) => imports.get(unit) !== bound?.imports[index])) {
        bound = { imports: units.map((unit) => imports.get(unit)), hosts: bindHosts(plan, imports, nameOf) };
      }
      const { graph, life } = source.open(bound.hosts);
      try {
        return new Instance(source, graph, life);
      } catch (error) {
        source.abandon(graph, life);
        throw error;
      }
    },
    get idleMemoryBytes() {
      return source.idleBytes;
    },
    dropIdle: () => source.dropIdle(),
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      bound = undefined;
      source.clear();
      shared.release();
    },
  };
}

class Instance implements ComponentInstance {
  readonly exports: ComponentInstance['exports'];
  readonly #source: GraphSource;
  readonly #life: Life;
  #graph: Graph | undefined;

  constructor(source: GraphSource, graph: Graph, life: Life) {
    this.#source = source;
    this.#graph = graph;
    this.#life = life;
    this.exports = graph.code.open(life);
  }

  get isPoisoned(): boolean {
    return this.#life.isPoisoned;
  }

  get memoryBytes(): number {
    const memories = this.#graph?.memories;
    memories?.look();
    return memories?.bytes ?? 0;
  }

  interrupt(reason: Error): void {
    this.#life.interrupt(reason);
  }

  dispose(): void {
    const graph = this.#graph;
    this.#graph = undefined;
    if (graph !== undefined) this.#source.close(graph, this.#life);
  }
}
