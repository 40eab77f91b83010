import type { CompiledComponent, ComponentInstance } from '../engine.js';
import type { ComponentInfo } from '../workload.js';
import type { CallRegistry } from './call-registry.js';
import type { GraphImports } from './graph-imports.js';
import { type GuestMemory, isEngineFull } from './guest-memory.js';
import { Life } from './life.js';
import type { IdleMemory, MemoryAccount } from './memory-account.js';

/** How the instances of a component are kept. */
export interface InstancePolicy {
  /** Instances kept warm; 0: new state for every call. */
  readonly poolSize: number;
  /** Calls a warm instance serves; 0: no bound. */
  readonly maxInvocations: number;
}

/** What a source of instances is made of. */
export interface InstanceSourceOptions {
  readonly component: ComponentInfo;
  readonly compiled: CompiledComponent;
  readonly imports: GraphImports;
  readonly policy: InstancePolicy;
  readonly registry: CallRegistry;
  readonly memory: GuestMemory;
}

/**
 * The instances of one component: new ones, or warm ones up to `poolSize`. A pool that is all busy never queues: the call gets
 * an instance of its own that ends with it.
 */
export class InstanceSource implements IdleMemory {
  readonly component: ComponentInfo;
  readonly registry: CallRegistry;
  readonly memory: MemoryAccount;
  readonly #compiled: CompiledComponent;
  readonly #imports: GraphImports;
  readonly #poolSize: number;
  readonly #maxInvocations: number;
  readonly #idle: Life[] = [];
  #pooledCount = 0;
  #nextNumber = 1;
  #isClosed = false;

  constructor(options: InstanceSourceOptions) {
    this.component = options.component;
    this.registry = options.registry;
    this.#compiled = options.compiled;
    this.#imports = options.imports;
    this.#poolSize = options.policy.poolSize;
    this.#maxInvocations = options.policy.maxInvocations;
    this.memory = options.memory.open(options.component, this);
  }

  /** An instance that serves nobody else until it is released; a promise only where the engine answers with one. */
  acquire(): Life | Promise<Life> {
    const idle = this.#idle.pop();
    if (idle === undefined) return this.#create();
    idle.invocations += 1;
    return idle;
  }

  /** Takes an instance back: one that is not reusable, or has served its share, ends here. */
  release(life: Life, isReusable: boolean): void {
    const isSpent = this.#maxInvocations > 0 && life.invocations >= this.#maxInvocations;
    if (life.isPooled && isReusable && !isSpent && !this.#isClosed && this.memory.measure(life)) {
      this.#idle.push(life);
      return;
    }
    if (life.isPooled) this.#pooledCount -= 1;
    life.end();
    this.memory.ended(life);
  }

  /** Takes back an instance that was made for a call and not used by it. */
  releaseUnused(life: Life): void {
    life.invocations -= 1;
    this.release(life, true);
  }

  get idleBytes(): number {
    return this.#compiled.idleMemoryBytes ?? 0;
  }

  // Counted when memory is short: a running sum would cost every call something.
  get waitingBytes(): number {
    let bytes = 0;
    for (const { memoryBytes } of this.#idle) bytes += memoryBytes;
    return bytes;
  }

  get waitingLives(): number {
    return this.#idle.length;
  }

  dropIdle(): void {
    for (const life of this.#idle.splice(0)) this.release(life, false);
    this.#compiled.dropIdle?.();
  }

  /** Ends all warm instances; those in use end with their call. */
  close(): void {
    this.#isClosed = true;
    for (const life of this.#idle.splice(0)) this.release(life, false);
  }

  /** Lets go of the compiled component. */
  dispose(): void {
    this.close();
    this.#compiled.dispose();
    this.memory.close();
  }

  #create(): Life | Promise<Life> {
    this.memory.admit();
    const isPooled = this.#pooledCount < this.#poolSize;
    const life = new Life(this.component, this.#nextNumber, isPooled, this.registry.releases);
    this.#nextNumber += 1;
    life.invocations = 1;
    if (isPooled) this.#pooledCount += 1;
    const { telemetry } = this.registry;
    const startedAt = telemetry.isMetering ? performance.now() : 0;
    let made: ComponentInstance | Promise<ComponentInstance>;
    try {
      made = this.#instantiate(life);
    } catch (error) {
      this.release(life, false);
      throw error;
    }
    if (made instanceof Promise) return this.#createLater(life, made, startedAt);
    if (telemetry.isMetering) telemetry.recordInstantiate(this.component, performance.now() - startedAt);
    return this.#begin(life, made);
  }

  /** Instances that are kept warm make room for one that is needed now, component by component. */
  #instantiate(life: Life): ComponentInstance | Promise<ComponentInstance> {
    const imports = this.#imports.importsFor(life);
    for (;;) {
      try {
        return this.#compiled.instantiate(imports, life);
      } catch (error) {
        if (isEngineFull(error) && this.memory.dropWaiting()) continue;
        if (isEngineFull(error)) this.memory.engineIsFull(error);
        throw error;
      }
    }
  }

  async #createLater(life: Life, made: Promise<ComponentInstance>, startedAt: number): Promise<Life> {
    let instance: ComponentInstance;
    try {
      instance = await made;
    } catch (error) {
      this.release(life, false);
      throw error;
    }
    const { telemetry } = this.registry;
    if (telemetry.isMetering) telemetry.recordInstantiate(this.component, performance.now() - startedAt);
    return this.#begin(life, instance);
  }

  #begin(life: Life, instance: ComponentInstance): Life {
    life.instance = instance;
    try {
      this.memory.began(life);
    } catch (error) {
      this.release(life, false);
      throw error;
    }
    return life;
  }
}
