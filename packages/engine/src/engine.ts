import {
  type CompiledComponent,
  type CompileOptions,
  type ComponentShape,
  type ComponentUnit,
  type Engine,
  type EngineCallOptions,
  HostError,
  type LinkedComponent,
} from '@lodge/core';
import type { ComponentAst } from './binary/ast.js';
import { parseComponent } from './binary/component.js';
import { CodeCache, type SharedCode } from './code-cache.js';
import { codeRequest } from './code-request.js';
import { compiledComponent } from './compiled-component.js';
import { type ComponentCode, compileGraph } from './component-code.js';
import { turnAfter } from './next-turn.js';
import { type GraphUnit, planGraph } from './plan/graph.js';
import { shapeOf } from './plan/shape.js';
import { LiveMemories } from './runtime/live-memories.js';
import { Turns } from './runtime/turns.js';

/** Options of {@link lodgeEngine}. */
export interface LodgeEngineOptions {
  /**
   * Whether an instance whose memory has grown is made new like any other, instead of being let go of: then guests are told a size of
   * their memories that can be smaller than what those really have, and an access between the two, which should trap, finds
   * zeros. What an earlier call wrote is never there. @default false
   */
  readonly keepsGrownMemories?: boolean;
  /**
   * Milliseconds after which an interruptible guest is ended where it cannot be suspended: in a start function, `realloc`, post-return or a destructor. Until then
   * it holds up the event loop. @default 50
   */
  readonly blockedLimitMs?: number;
  /**
   * How many linear memories the instances of this engine have together, those that are kept for later calls included; one instance too many is refused with
   * `ERR_LIMIT_EXCEEDED`. V8 has address space for about 16,000 in a process, and takes seconds to find that there is none left: what has
   * ended needs room until it is collected, and other engines need their share. @default 12,000
   */
  readonly maxLiveMemories?: number;
}

/**
 * The component engine on V8: runs WASI 0.2 components (the canonical ABI without its asynchronous built-ins).
 *
 * Suspending imports need JSPI (`WebAssembly.Suspending`), which Node.js 24 and later have.
 */
export function lodgeEngine(options: LodgeEngineOptions = {}): Engine {
  const { keepsGrownMemories = false, blockedLimitMs = 50, maxLiveMemories = 12_000 } = options;
  if (!(blockedLimitMs > 0))
    throw new TypeError(`blockedLimitMs is a number of milliseconds above 0, not ${blockedLimitMs}`);
  if (!(maxLiveMemories >= 1)) throw new TypeError(`maxLiveMemories is a number from 1, not ${maxLiveMemories}`);
  const turns = new Turns(blockedLimitMs);
  const liveMemories = new LiveMemories(maxLiveMemories);
  const cache = new CodeCache();
  // A host inspects what it compiles next; the bytes of a component do not change meanwhile.
  const parsed = new WeakMap<Uint8Array, ComponentAst>();
  const parse = (bytes: Uint8Array): ComponentAst => {
    const ast = parsed.get(bytes) ?? parseComponent(bytes);
    parsed.set(bytes, ast);
    return ast;
  };
  return {
    name: 'lodge',
    supports: { links: true, interruption: true, reset: true, async: false },
    async inspect(bytes: Uint8Array, options: EngineCallOptions = {}): Promise<ComponentShape> {
      throwIfAborted(options.signal);
      const unit = graphUnit(bytes, { name: 'component', suspendingImports: new Set() }, parse);
      await turnAfter(bytes.length);
      return shapeOf(planGraph(unit));
    },
    async compile(bytes: Uint8Array, options: CompileOptions): Promise<CompiledComponent> {
      const { name, signal } = options;
      throwIfAborted(signal);
      const compile = async (): Promise<ComponentCode> => {
        const unit = graphUnit(bytes, options, parse);
        await turnAfter(bytes.length);
        return compileGraph(options, planGraph(unit));
      };
      const request = codeRequest(bytes, options);
      const acquired = request === undefined ? compile().then(unshared) : cache.acquire(request, compile);
      const shared = await untilAborted(acquired, signal);
      return compiledComponent({ name, shared, turns, liveMemories, keepsGrownMemories });
    },
  };
}

/** Parses a component and those linked to it, each once. */
function graphUnit(
  bytes: Uint8Array,
  unit: ComponentUnit,
  parse: (bytes: Uint8Array) => ComponentAst,
  known: Map<LinkedComponent, GraphUnit> = new Map(),
): GraphUnit {
  const links = new Map<string, { unit: GraphUnit; externName: string }>();
  const result: GraphUnit = { name: unit.name, ast: parse(bytes), suspendingImports: unit.suspendingImports, links };
  for (const [name, { component, externName }] of unit.links ?? []) {
    let target = known.get(component);
    if (target === undefined) {
      target = graphUnit(component.bytes, component, parse, known);
      known.set(component, target);
    }
    links.set(name, { unit: target, externName });
  }
  return result;
}

function unshared(code: ComponentCode): SharedCode {
  return { code, nameOf: (unit) => unit, release: () => undefined };
}

/** Who gives up waiting lets go of the code; others who wait for it get it. */
async function untilAborted(acquired: Promise<SharedCode>, signal: AbortSignal | undefined): Promise<SharedCode> {
  if (signal === undefined) return acquired;
  let abort = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    abort = resolve;
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    await Promise.race([acquired, aborted]);
    throwIfAborted(signal);
  } catch (error) {
    acquired.then(
      ({ release }) => release(),
      () => undefined,
    );
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
  return acquired;
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new HostError('ERR_CALL_ABORTED', 'The operation was aborted before it was done.', { cause: signal.reason });
  }
}
