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
import { compileGraph } from './compile.js';
import { type GraphUnit, planGraph } from './plan/graph.js';
import { shapeOf } from './plan/shape.js';
import { newTurns } from './runtime/pacer.js';

/**
 * The component engine on V8: runs WASI 0.2 components (the canonical ABI without its asynchronous built-ins).
 *
 * Suspending imports need JSPI (`WebAssembly.Suspending`), which Node.js 24 and later have.
 */
export function lodgeEngine(): Engine {
  const turns = newTurns();
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
      return shapeOf(planGraph(unit));
    },
    async compile(bytes: Uint8Array, options: CompileOptions): Promise<CompiledComponent> {
      throwIfAborted(options.signal);
      const unit = graphUnit(bytes, options, parse);
      const graph = planGraph(unit);
      const compiled = await compileGraph(options, graph, turns);
      throwIfAborted(options.signal);
      return compiled;
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

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new HostError('ERR_CALL_ABORTED', 'The operation was aborted before it was done.', { cause: signal.reason });
  }
}
