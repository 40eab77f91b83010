import type {
  ComponentInfo,
  FunctionShape,
  InterfaceRequest,
  InterfaceShape,
  LocalResources,
  WorkloadInfo,
} from '@lodge/core';
import type { InterfaceSample, WorkloadSample } from './setup.js';

/** How the component spells its imports. */
export type Spelling = 'versioned' | 'labelled';

/** Where a WIT function is found in an import object. */
export interface HostMember {
  /** The lowerCamelCase function or the PascalCase class. */
  readonly name: string;
  readonly kind: FunctionShape['kind'];
  /** The member of the class; unset for a plain function and a constructor. */
  readonly method?: string;
}

/** A workload as core would hand it to a plugin: frozen, so that whoever changes it is found out. */
export function workloadInfo(id: string, sample: WorkloadSample): WorkloadInfo {
  return Object.freeze({ id, namespace: sample.namespace ?? 'default', name: `name-of-${id}`, annotations: record() });
}

/** The only component of a workload. */
export function componentInfo(workload: WorkloadInfo, sample: WorkloadSample): ComponentInfo {
  const localResources: Required<LocalResources> = {
    memoryLimitMb: -1,
    cpuLimit: -1,
    arguments: Object.freeze([]),
    volumeMounts: Object.freeze([]),
    allowedHosts: Object.freeze([]),
    allowedIpNameLookups: Object.freeze([]),
    allowedHostLoopbackPorts: Object.freeze([]),
    ...sample.localResources,
    config: record(sample.localResources?.config),
    environment: record(sample.localResources?.environment),
  };
  return Object.freeze({
    name: 'main',
    kind: 'component',
    workload,
    localResources: Object.freeze(localResources),
    callConcurrency: 0,
  });
}

/** The requests of a component that imports, or exports, all of `interfaces`. */
export function interfaceRequests(
  component: ComponentInfo,
  interfaces: readonly InterfaceSample[],
  direction: InterfaceRequest['direction'],
  sample: WorkloadSample,
  spelling: Spelling,
): InterfaceRequest[] {
  const config = record(sample.config);
  return interfaces.map((entry, index) => {
    const label = spelling === 'labelled' ? `label-${index}` : undefined;
    const shape = interfaceShape(entry, label ?? entry.id);
    const { id } = entry;
    return Object.freeze({ id, direction, externName: shape.externName, component, name: label, config, shape });
  });
}

/** Where JavaScript has what WIT calls `name`. */
export function hostMember(name: string): HostMember {
  const match = /^\[(constructor|method|static)\]([^.]+)(?:\.(.+))?$/.exec(name);
  if (match === null) return { name: camelCase(name), kind: 'function' };
  const [, kind, resource = '', method] = match;
  const className = pascalCase(resource);
  if (kind === 'constructor' || method === undefined) return { name: className, kind: 'constructor' };
  return { name: className, kind: kind === 'static' ? 'static' : 'method', method: camelCase(method) };
}

/** WIT names of the resources that an interface defines. */
export function resourcesOf(entry: InterfaceSample): readonly string[] {
  const ofFunctions = entry.functions.map((name) => /^\[[a-z]+\]([^.]+)/.exec(name)?.[1]);
  return [...new Set([...(entry.resources ?? []), ...ofFunctions.filter((name) => name !== undefined)])];
}

/** `type-name` as JavaScript has it: `TypeName`. */
export function pascalCase(name: string): string {
  const camel = camelCase(name);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
}

function camelCase(name: string): string {
  const words = name.toLowerCase().split('-');
  return words.map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join('');
}

function interfaceShape(entry: InterfaceSample, externName: string): InterfaceShape {
  const functions = entry.functions.map((name): FunctionShape => {
    // Types are the engine's business: plugins look at names.
    return Object.freeze({ name, kind: hostMember(name).kind, isAsync: false, params: [], result: undefined });
  });
  const shape = { externName, id: entry.id, functions: Object.freeze(functions), resources: resourcesOf(entry) };
  return Object.freeze(shape);
}

/** As core makes them: frozen, without a prototype. */
function record(values: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.freeze(Object.assign(Object.create(null), values));
}
