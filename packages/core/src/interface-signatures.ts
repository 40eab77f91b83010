import { compatibilityTrack, parseInterfaceId } from './interface-id.js';
import type { FunctionSignatures } from './plugin.js';
import type { ComponentShape, InterfaceShape, ResourceOwner } from './shape.js';
import { SignatureWriter, witName } from './signature.js';

/**
 * The signatures of the functions of every interface that a component imports or exports, by the interface's id: what a plugin that provides or calls
 * these interfaces states in its world. Run it over a component whose world has all interfaces of a WIT package, such as `jco embed --dummy` makes.
 */
export function interfaceSignatures(shape: ComponentShape): Readonly<Record<string, FunctionSignatures>> {
  const ids = new Map<string, string>();
  for (const { externName, id } of shape.exports) ids.set(key('export', externName), id ?? externName);
  for (const { externName, id } of shape.imports) ids.set(key('import', externName), id ?? externName);
  const writer = new SignatureWriter(({ owner, resource }) => {
    const id = owner && ids.get(key(owner.direction, owner.externName));
    return id === undefined ? `?.${resource}` : resourceName(id, resource);
  });
  const named = ({ externName, id, functions }: InterfaceShape): [string, FunctionSignatures] => {
    return [id ?? externName, Object.fromEntries(functions.map((fn) => [fn.name, writer.write(fn)]))];
  };
  return Object.fromEntries([...shape.exports, ...shape.imports].map(named));
}

/** The name of a resource in a signature, with what compatible versions of its interface have in common: `wasi:io/streams.input-stream@0.2`. */
export function resourceName(id: string, resource: string): string {
  const parsed = parseInterfaceId(id);
  if (parsed === undefined) return `${id}.${witName(resource)}`;
  const { namespace, package: packageName, interfaces, version } = parsed;
  const name = `${namespace}:${packageName}/${interfaces.join(',')}.${witName(resource)}`;
  return version === undefined ? name : `${name}@${compatibilityTrack(version) ?? version}`;
}

function key(direction: ResourceOwner['direction'], externName: string): string {
  return `${direction} ${externName}`;
}
