import type {
  CompiledComponent,
  CompileOptions,
  ComponentExports,
  ComponentImports,
  ComponentInstance,
  ComponentUnit,
  Engine,
  EngineSupport,
  GuestFunction,
} from '../engine.js';
import { GuestExit, HostError, WitError } from '../errors.js';
import type { InterfaceId } from '../interface-id.js';
import type { InstanceScope } from '../scope.js';
import type { ComponentShape, FunctionKind, InterfaceShape } from '../shape.js';

/** A guest in JavaScript: what it imports and exports, and how one instance of it is made. */
export interface Program {
  readonly shape: ComponentShape;
  create(imports: ComponentImports): ComponentExports;
  /** Bytes that each instance says it holds. @default 0 */
  memoryBytes?: number;
}

/** The second implementation of the engine SPI: its components are programs in memory, named by their bytes. */
export class MemoryEngine implements Engine {
  readonly name = 'memory';
  readonly supports: EngineSupport;
  readonly compiled: CompileOptions[] = [];
  /** Instances that were made and not disposed. */
  readonly live: Set<MemoryInstance> = new Set();
  disposedCompilations = 0;
  instantiations = 0;
  /** Makes `instantiate` answer with a promise. */
  isSlow = false;
  readonly #programs: Readonly<Record<string, Program>>;

  constructor(programs: Readonly<Record<string, Program>>, supports: Partial<EngineSupport> = {}) {
    this.#programs = programs;
    this.supports = { links: true, interruption: false, reset: false, async: false, ...supports };
  }

  async inspect(bytes: Uint8Array): Promise<ComponentShape> {
    return this.#program(bytes).shape;
  }

  async compile(bytes: Uint8Array, options: CompileOptions): Promise<CompiledComponent> {
    this.compiled.push(options);
    const program = this.#program(bytes);
    let isDisposed = false;
    return {
      shape: program.shape,
      instantiate: (imports, scope) => {
        if (isDisposed) throw new HostError('ERR_INSTANCE_CLOSED', 'the compiled component was disposed');
        this.instantiations += 1;
        const instance = new MemoryInstance(this, scope, this.#link(program, options, imports, new Map()), program);
        this.live.add(instance);
        return this.isSlow ? Promise.resolve(instance) : instance;
      },
      dispose: () => {
        isDisposed = true;
        this.disposedCompilations += 1;
      },
    };
  }

  #link(
    program: Program,
    unit: ComponentUnit,
    imports: ReadonlyMap<string, ComponentImports>,
    made: Map<ComponentUnit, ComponentExports>,
  ): ComponentExports {
    const known = made.get(unit);
    if (known !== undefined) return known;
    const own = imports.get(unit.name);
    if (own === undefined) throw new HostError('ERR_IMPORT_INVALID', `no imports for component ${unit.name}`);
    const all: Record<string, unknown> = { ...own };
    for (const [externName, link] of unit.links ?? []) {
      const exports = this.#link(this.#program(link.component.bytes), link.component, imports, made);
      all[externName] = exports[link.externName];
    }
    for (const { externName } of program.shape.imports) {
      if (all[externName] === undefined) throw new HostError('ERR_IMPORT_INVALID', `nothing for ${externName}`);
    }
    const exports = program.create(all);
    made.set(unit, exports);
    return exports;
  }

  #program(bytes: Uint8Array): Program {
    const program = this.#programs[new TextDecoder().decode(bytes)];
    if (program === undefined) throw new HostError('ERR_COMPONENT_INVALID', 'the bytes are no program');
    return program;
  }
}

/** The bytes of a program. */
export function bytesOf(program: string): Uint8Array {
  return new TextEncoder().encode(program);
}

/** One life of a program. */
export class MemoryInstance implements ComponentInstance {
  readonly exports: ComponentExports;
  readonly scope: InstanceScope;
  isPoisoned = false;
  isDisposed = false;
  readonly #engine: MemoryEngine;
  readonly #program: Program;
  #isBusy = false;
  #rejectRunning: ((reason: unknown) => void) | undefined;

  constructor(engine: MemoryEngine, scope: InstanceScope, exports: ComponentExports, program: Program) {
    this.#engine = engine;
    this.#program = program;
    this.scope = scope;
    this.exports = Object.fromEntries(
      Object.entries(exports).map(([name, members]) => [
        name,
        typeof members === 'function'
          ? this.#guard(members)
          : Object.fromEntries(Object.entries(members).map(([key, member]) => [key, this.#guard(member)])),
      ]),
    );
  }

  get memoryBytes(): number {
    return this.#program.memoryBytes ?? 0;
  }

  interrupt(reason: Error): void {
    this.isPoisoned = true;
    this.#rejectRunning?.(reason);
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.#engine.live.delete(this);
  }

  #guard(member: GuestFunction): GuestFunction {
    return (...args: unknown[]): unknown => {
      if (this.isDisposed) throw new HostError('ERR_INSTANCE_CLOSED', 'the instance has ended');
      if (this.isPoisoned) throw new HostError('ERR_INSTANCE_POISONED', 'the instance is poisoned');
      if (this.#isBusy) throw new HostError('ERR_INSTANCE_BUSY', 'the instance is in a call');
      this.#isBusy = true;
      let result: unknown;
      try {
        result = member(...args);
      } catch (error) {
        this.#isBusy = false;
        throw this.#trap(error);
      }
      if (!(result instanceof Promise)) {
        this.#isBusy = false;
        return result;
      }
      return this.#suspend(result);
    };
  }

  async #suspend(result: Promise<unknown>): Promise<unknown> {
    const interrupted = new Promise((_, reject) => {
      this.#rejectRunning = reject;
    });
    try {
      return await Promise.race([result, interrupted]);
    } catch (error) {
      throw this.#trap(error);
    } finally {
      this.#isBusy = false;
      this.#rejectRunning = undefined;
    }
  }

  #trap(error: unknown): unknown {
    if (WitError.is(error)) return error;
    this.isPoisoned = true;
    return GuestExit.is(error) ? error : HostError.from(error, 'ERR_GUEST_TRAPPED', 'the guest trapped');
  }
}

/** The shape of a program whose functions take and return nothing that matters to core. */
export function shapeOf(options: {
  readonly imports?: readonly InterfaceShape[];
  readonly exports?: readonly InterfaceShape[];
}): ComponentShape {
  return {
    imports: options.imports ?? [],
    exports: options.exports ?? [],
    importedFunctions: [],
    exportedFunctions: [],
  };
}

/** The shape of one interface; `label` makes it a labelled one. */
export function interfaceOf(id: InterfaceId, functions: readonly string[], label?: string): InterfaceShape {
  return {
    externName: label ?? id,
    id,
    functions: functions.map((name) => ({ name, kind: kindOf(name), isAsync: false, params: [], result: undefined })),
    resources: [],
  };
}

function kindOf(name: string): FunctionKind {
  if (name.startsWith('[method]')) return 'method';
  if (name.startsWith('[static]')) return 'static';
  return name.startsWith('[constructor]') ? 'constructor' : 'function';
}
