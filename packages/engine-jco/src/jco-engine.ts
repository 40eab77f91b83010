import {
  type CompiledComponent,
  type CompileOptions,
  type ComponentInstance,
  type ComponentShape,
  type Engine,
  type EngineCallOptions,
  HostError,
} from '@lodge/core';
import { evaluate, type InstantiateFactory } from './evaluate.js';
import { GuestExports, trapInStart } from './guest-exports.js';
import { HostImports } from './host-imports.js';
import { Life } from './life.js';
import { scanNames } from './name-scan.js';
import { readShape } from './read-shape.js';
import { Translator } from './translator.js';

/**
 * An {@link Engine} on jco: it translates a component to JavaScript and runs that. Slower than the default engine by one to
 * two orders of magnitude; made to compare results with. What it does not do is in its README.
 */
export function jcoEngine(): Engine {
  const translator = new Translator();
  return {
    name: 'jco',
    supports: { links: false, interruption: false, reset: false, async: false },
    async inspect(bytes: Uint8Array, options?: EngineCallOptions): Promise<ComponentShape> {
      throwIfAborted(options);
      return readShape(bytes).shape;
    },
    async compile(bytes: Uint8Array, options: CompileOptions): Promise<CompiledComponent> {
      throwIfAborted(options);
      if (options.links !== undefined && options.links.size > 0) {
        throw new HostError(
          'ERR_ENGINE_UNSUPPORTED',
          'The jco engine does not link components. Use the default engine.',
        );
      }
      return compile(bytes, options, translator);
    },
  };
}

async function compile(bytes: Uint8Array, options: CompileOptions, translator: Translator): Promise<CompiledComponent> {
  const reading = readShape(bytes);
  if (reading.encodings.size > 0) {
    const names = [...reading.encodings].join(', ');
    throw new HostError('ERR_COMPONENT_UNSUPPORTED', `jco does not know strings in ${names}. Use the default engine.`);
  }
  await scanNames(reading);
  const { shape } = reading;
  const { source, modules } = await translate(bytes, shape, options.suspendingImports, translator);
  const factory = await evaluateOrReject(source);
  let isDisposed = false;
  return {
    shape,
    async instantiate(imports, _scope) {
      if (isDisposed)
        throw new HostError('ERR_INSTANCE_CLOSED', 'The compiled component is disposed. Compile it again.');
      const life = new Life(options.name);
      const host = new HostImports(shape, imports.get(options.name) ?? {}, options.suspendingImports, life);
      return startLife(shape, factory, modules, life, host);
    },
    dispose() {
      isDisposed = true;
    },
  };
}

interface Translation {
  readonly source: string;
  readonly modules: ReadonlyMap<string, WebAssembly.Module>;
}

async function translate(
  bytes: Uint8Array,
  shape: ComponentShape,
  suspending: ReadonlySet<string>,
  translator: Translator,
): Promise<Translation> {
  const exports = [
    ...shape.exportedFunctions.map((fn) => fn.name),
    ...shape.exports.flatMap((one) =>
      one.functions.filter((fn) => fn.kind !== 'constructor').map((fn) => `${one.externName}#${fn.name}`),
    ),
  ];
  const imports = [...suspending].map((path) => path.replace(/^#/, ''));
  const files = await translator.translate(bytes, {
    importNames: shape.imports.map((one) => one.externName),
    ...(suspending.size > 0 && { suspending: { imports, exports } }),
  });
  const modules = new Map<string, WebAssembly.Module>();
  for (const [path, content] of files) {
    if (path.endsWith('.wasm')) modules.set(path, await WebAssembly.compile(content.slice()));
  }
  return { source: new TextDecoder().decode(files.get('component.js')), modules };
}

async function evaluateOrReject(source: string): Promise<InstantiateFactory> {
  try {
    return evaluate(source);
  } catch (error) {
    throw new HostError(
      'ERR_COMPONENT_UNSUPPORTED',
      'jco translated this component to code that V8 refuses. Use the default engine.',
      { cause: error },
    );
  }
}

async function startLife(
  shape: ComponentShape,
  factory: InstantiateFactory,
  modules: ReadonlyMap<string, WebAssembly.Module>,
  life: Life,
  host: HostImports,
): Promise<ComponentInstance> {
  const memories = new Set<WebAssembly.Memory>();
  const instantiate = factory(ownWebAssembly(life));
  let raw: Record<string, unknown>;
  try {
    raw = (await instantiate(
      (path) => moduleAt(modules, path),
      host.table,
      (module, imports) => {
        const instance = new WebAssembly.Instance(module, imports);
        for (const value of Object.values(instance.exports)) {
          if (value instanceof WebAssembly.Memory) memories.add(value);
        }
        return instance;
      },
    )) as Record<string, unknown>;
  } catch (error) {
    host.dispose();
    throw life.failure ?? trapInStart(error, life.componentName);
  }
  return {
    exports: new GuestExports(shape, raw, life, host).table,
    get isPoisoned() {
      return life.isPoisoned;
    },
    get memoryBytes() {
      return [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
    },
    interrupt(reason) {
      life.fail(reason);
    },
    dispose() {
      if (life.isClosed) return;
      if (life.isRunning) life.fail(new HostError('ERR_INSTANCE_CLOSED', 'The instance was disposed during a call.'));
      life.isClosed = true;
      host.dispose();
    },
  };
}

/** A `WebAssembly` whose suspensions end when the life does: the generated code would abandon some of them. */
function ownWebAssembly(life: Life): unknown {
  class Suspending extends WebAssembly.Suspending {
    constructor(implementation: (...args: unknown[]) => unknown) {
      super((...args: unknown[]) => {
        const result = implementation(...args);
        return result instanceof Promise ? life.suspendUntil(result) : result;
      });
    }
  }
  return Object.create(WebAssembly, { Suspending: { value: Suspending } });
}

function moduleAt(modules: ReadonlyMap<string, WebAssembly.Module>, path: string): WebAssembly.Module {
  const module = modules.get(path);
  if (module === undefined) throw new Error(`jco asked for a core module that it did not write: ${path}`);
  return module;
}

function throwIfAborted(options: EngineCallOptions | undefined): void {
  if (options?.signal?.aborted) {
    throw new HostError('ERR_CALL_ABORTED', 'The operation was aborted by its signal.', {
      cause: options.signal.reason,
    });
  }
}
