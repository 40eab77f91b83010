import {
  type ComponentShape,
  type FunctionKind,
  type FunctionShape,
  HostError,
  type InterfaceId,
  type InterfaceShape,
  type ResourceOwner,
} from '@lodge/core';
import { type Findings, readComponent } from './component-reader.js';
import type { Exports, FunctionItem, Resource } from './component-types.js';
import { describeBytes } from './describe-bytes.js';

/** What the binary of a component tells without running it. */
export interface Reading extends Findings {
  readonly shape: ComponentShape;
}

/**
 * Reads the shape of a component, its core modules and every name in it.
 *
 * @throws HostError `ERR_COMPONENT_INVALID` with what the bytes are, `ERR_COMPONENT_UNSUPPORTED`
 */
export function readShape(bytes: Uint8Array): Reading {
  const problem = describeBytes(bytes);
  if (problem !== undefined) throw invalidComponent(problem);
  const findings: Findings = { modules: [], names: [], encodings: new Set(), runs: { count: 0 } };
  try {
    const { imports, exports } = readComponent(bytes, findings);
    const defined = new Set<Resource>();
    const shape: ComponentShape = {
      imports: interfacesOf(imports, defined, 'import'),
      exports: interfacesOf(exports, defined, 'export'),
      importedFunctions: functionsOf(imports),
      exportedFunctions: functionsOf(exports),
    };
    return { ...findings, shape };
  } catch (error) {
    if (error instanceof RangeError) throw invalidComponent(`a damaged component: ${error.message}`, error);
    if (error instanceof TypeError && error.message.includes('supported')) {
      throw new HostError(
        'ERR_COMPONENT_UNSUPPORTED',
        `The jco engine cannot run this component: ${error.message}. Build it without that feature.`,
        { cause: error },
      );
    }
    throw invalidComponent('a damaged component', error);
  }
}

/** The error for bytes that are `what` instead of a component. */
export function invalidComponent(what: string, cause?: unknown): HostError {
  const message = `Expected a WebAssembly component, but the bytes are ${what}. Pass the output of a component build.`;
  return new HostError('ERR_COMPONENT_INVALID', message, { cause });
}

/** @param defined the resources of earlier interfaces: who has one of them only uses it */
function interfacesOf(items: Exports, defined: Set<Resource>, direction: ResourceOwner['direction']): InterfaceShape[] {
  const shapes: InterfaceShape[] = [];
  for (const [externName, item] of items) {
    if (item.kind !== 'instance') continue;
    const resources: string[] = [];
    for (const [name, member] of item.exports) {
      if (member.kind !== 'type' || member.type.kind !== 'resource' || defined.has(member.type.resource)) continue;
      defined.add(member.type.resource);
      member.type.resource.owner = { direction, externName };
      resources.push(name);
    }
    const id = externName.includes('/') ? (externName as InterfaceId) : undefined;
    shapes.push({ externName, id, functions: functionsOf(item.exports), resources });
  }
  return shapes;
}

function functionsOf(items: Exports): FunctionShape[] {
  const shapes: FunctionShape[] = [];
  for (const [name, item] of items) {
    if (item.kind === 'function') shapes.push(functionShape(name, item));
  }
  return shapes;
}

function functionShape(name: string, item: FunctionItem): FunctionShape {
  return {
    name,
    kind: functionKind(name),
    isAsync: item.isAsync,
    params: item.params.map((param) => ({ name: param.name, type: param.type() })),
    result: item.result?.(),
  };
}

function functionKind(name: string): FunctionKind {
  const prefix = /^\[(method|static|constructor)\]/.exec(name)?.[1];
  return prefix === 'method' || prefix === 'static' || prefix === 'constructor' ? prefix : 'function';
}
