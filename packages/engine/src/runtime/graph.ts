import type { ComponentExports, InstanceLimits } from '@lodge/core';
import type { SourceLocator } from '../debug/source-locator.js';
import { ComponentState } from './component-state.js';
import { GraphMemories, type MemoryBudget } from './graph-memories.js';
import { Life, type LifeDescription } from './life.js';
import type { IdleGraphs, LiveMemories } from './live-memories.js';
import { Pacer } from './pacer.js';
import { type Clear, Snapshot } from './snapshot.js';
import type { Turns } from './turns.js';

/** What the generated function makes: one instance graph, without a life of its own. */
export interface GraphCode {
  readonly memories: readonly WebAssembly.Memory[];
  /** Of each of them, what makes a range of it zero. */
  readonly clear: readonly Clear[];
  /** Copies every mutable global aside, and back. */
  save(): void;
  restore(): void;
  /** Makes the graph serve another life. */
  rebind(life: Life, hosts: readonly unknown[]): void;
  /** The exports of one life. */
  open(life: Life): ComponentExports;
}

/** The generated function. */
export type InstantiateCode = (
  life: Life,
  hosts: readonly unknown[],
  modules: readonly WebAssembly.Module[],
  components: readonly ComponentState[],
  limits: readonly InstanceLimits[],
  pacer: Pacer | undefined,
) => GraphCode;

/** The modules of a graph and what instantiates them: code, without any state. */
export interface GraphProgram {
  readonly instantiate: InstantiateCode;
  readonly modules: readonly WebAssembly.Module[];
  /** Whether guests know a size of their memories that can be smaller than what those really have, so that growth can be undone. */
  readonly hasVirtualSizes: boolean;
  readonly locate: SourceLocator | undefined;
}

/** What graphs are made of, and what their memories hold when they are new. */
interface Mould {
  readonly program: GraphProgram;
  readonly description: LifeDescription;
  /** Undefined until the first graph is made. */
  snapshots: readonly Snapshot[] | undefined;
}

/** A graph and what is known of its state. */
export interface Graph {
  readonly code: GraphCode;
  readonly components: readonly ComponentState[];
  readonly mould: Mould;
  readonly memories: GraphMemories;
  /** Whether its state after instantiation is the same for every instance. */
  readonly isReproducible: boolean;
}

/** Idle graphs and their memory are bounded: beyond that, a graph that comes back is let go. */
const maxIdleGraphs = 128;
const maxIdleBytes = 268_435_456;
/** Memory of a graph that is made new again: all of it is read once when the first one is there, and gone through after each life, in one go. */
export const maxResetBytes = 67_108_864;
/** How much a graph may have grown and be worth keeping: every byte of it is cleared after each life. */
const maxGrowthFactor = 2;
const maxGrowthBytes = 1_048_576;

/** What a {@link GraphSource} makes graphs of. */
export interface GraphSourceOptions {
  readonly program: GraphProgram;
  /** By component instance. */
  readonly limits: readonly InstanceLimits[];
  /** Looked at when a graph is made, and watched where guests are interrupted. */
  readonly memoryBudgets: readonly MemoryBudget[];
  readonly description: Omit<LifeDescription, 'locate'>;
  /** Whether, as far as the sections of the modules tell, a graph can be made new again. */
  readonly mayRecycle: boolean;
  /** Reads the code of the modules for state that memories and globals do not hold. Called when the first life ends. */
  hasHiddenState(): Promise<boolean>;
  /**
   * Makes the program over so that growth can be undone; undefined: it cannot be. Called when the first life ends in which a memory has
   * grown, if growth is not to end a graph.
   */
  readonly withVirtualSizes: (() => Promise<GraphProgram | undefined>) | undefined;
  /** Unset: guests are not interrupted. */
  readonly turns: Turns | undefined;
  /** Of the whole engine. */
  readonly liveMemories: LiveMemories;
}

/** Makes instance graphs, and takes back those whose state can be made new again. */
export class GraphSource implements IdleGraphs {
  readonly #options: GraphSourceOptions;
  /** Whether graphs may be used again, as far as is known: `maybe` until the code of the core modules has been read. */
  #recycling: 'maybe' | 'yes' | 'no';
  #isDeciding = false;
  #isMakingOver = false;
  #mould: Mould;
  readonly #idle: Graph[] = [];
  #idleBytes = 0;
  /** Memories of each graph: not known before there is one. */
  #memoryCount = 1;

  constructor(options: GraphSourceOptions) {
    this.#options = options;
    this.#recycling = options.mayRecycle ? 'maybe' : 'no';
    this.#mould = this.#mouldOf(options.program);
  }

  /** A graph in the state of a new one, and the life that begins on it. */
  open(hosts: readonly unknown[]): { graph: Graph; life: Life } {
    const idle = this.#idle.pop();
    if (idle === undefined) return this.#create(hosts);
    this.#idleBytes -= idle.memories.bytes;
    const { liveMemories } = this.#options;
    liveMemories.remove(idle.memories.count);
    const life = new Life(idle.mould.description, idle.components);
    idle.code.rebind(life, hosts);
    liveMemories.add(idle.memories.count);
    return { graph: idle, life };
  }

  /** Ends a life; keeps its graph, made new, if that is possible. */
  close(graph: Graph, life: Life): void {
    const { liveMemories } = this.#options;
    // Gone unless it is kept: what ends with the life may fail, near the end of the stack anything may.
    liveMemories.remove(graph.memories.count);
    this.#decide();
    const isReusable = this.#recycling === 'yes' && graph.isReproducible && life.isClean && this.#canShrink(graph);
    life.close();
    const { bytes, views } = graph.memories;
    if (!isReusable || this.#idle.length >= maxIdleGraphs || this.#idleBytes + bytes > maxIdleBytes) return;
    views.forEach((view, index) => {
      const clear = graph.code.clear[index];
      if (clear !== undefined) graph.mould.snapshots?.[index]?.restore(view, clear);
    });
    graph.code.restore();
    if (this.#idle.push(graph) === 1) liveMemories.open(this);
    this.#idleBytes += bytes;
    liveMemories.add(graph.memories.count);
  }

  /** Ends a life that could not begin. */
  abandon(graph: Graph, life: Life): void {
    this.#options.liveMemories.remove(graph.memories.count);
    life.close();
  }

  /** Bytes of the memories of idle graphs. */
  get idleBytes(): number {
    return this.#idleBytes;
  }

  get idleMemories(): number {
    return this.#idle.reduce((sum, { memories }) => sum + memories.count, 0);
  }

  /** Lets go of every idle graph. */
  dropIdle(): void {
    this.#options.liveMemories.remove(this.idleMemories);
    this.#options.liveMemories.close(this);
    this.#idle.length = 0;
    this.#idleBytes = 0;
  }

  /** Lets go of every idle graph; none is kept from now on. */
  clear(): void {
    this.#recycling = 'no';
    this.dropIdle();
  }

  /** Not before there is something to recycle: a large module takes longer to read than a first request should wait. */
  #decide(): void {
    if (this.#recycling !== 'maybe' || this.#isDeciding) return;
    this.#isDeciding = true;
    const settle = (isHidden: boolean): void => {
      if (this.#recycling === 'maybe') this.#recycling = isHidden ? 'no' : 'yes';
    };
    this.#options.hasHiddenState().then(settle, () => settle(true));
  }

  #create(hosts: readonly unknown[]): { graph: Graph; life: Life } {
    const { limits, memoryBudgets, turns, liveMemories } = this.#options;
    liveMemories.admit(this.#memoryCount);
    const mould = this.#mould;
    const { instantiate, modules } = mould.program;
    const clock = { now: 0 };
    const components = limits.map(({ maxHandles }) => new ComponentState(maxHandles, clock));
    const life = new Life(mould.description, components);
    const pacer = turns && new Pacer(turns);
    if (pacer !== undefined) pacer.life = life;
    const code = life.start(() => instantiate(life, hosts, modules, components, limits, pacer));
    const memories = new GraphMemories(code.memories, memoryBudgets);
    // Its start functions may have asked for more than it may have.
    const fault = memories.look();
    if (fault !== undefined) throw fault;
    pacer?.watch(memories);
    this.#memoryCount = memories.count;
    const isSmall = memories.bytes <= maxResetBytes;
    const isReproducible = this.#recycling !== 'no' && !life.calledOutAtStart && isSmall;
    if (isReproducible) {
      mould.snapshots ??= memories.views.map((view) => new Snapshot(view));
      code.save();
    }
    liveMemories.add(memories.count);
    return { graph: { code, components, memories, mould, isReproducible }, life };
  }

  #mouldOf(program: GraphProgram): Mould {
    return { program, description: { ...this.#options.description, locate: program.locate }, snapshots: undefined };
  }

  /** Whether the memories of a graph can have the size again that they began with: no memory of V8 ever shrinks. */
  #canShrink(graph: Graph): boolean {
    const { program, snapshots = [] } = graph.mould;
    if (!graph.memories.hasGrown()) return true;
    if (!program.hasVirtualSizes) {
      this.#makeOver();
      return false;
    }
    graph.memories.renew();
    const initial = snapshots.reduce((sum, { size }) => sum + size, 0);
    return graph.memories.bytes <= Math.min(maxResetBytes, initial * maxGrowthFactor + maxGrowthBytes);
  }

  /** From the time that the new program is there, graphs are made of that. */
  #makeOver(): void {
    const { withVirtualSizes } = this.#options;
    if (this.#isMakingOver || withVirtualSizes === undefined) return;
    this.#isMakingOver = true;
    const settle = (program: GraphProgram | undefined): void => {
      if (program !== undefined) this.#mould = this.#mouldOf(program);
    };
    withVirtualSizes().then(settle, () => undefined);
  }
}
