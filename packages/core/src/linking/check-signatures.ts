import { HostError } from '../errors.js';
import { resourceName } from '../interface-signatures.js';
import type { FunctionSignatures, InterfaceRequest } from '../plugin.js';
import { type NameResource, SignatureWriter } from '../signature.js';
import type { PluginRequest } from './resolve.js';

/** One function whose types a component and a plugin state differently, as plain data. */
interface SignatureMismatch {
  readonly component: string;
  readonly direction: InterfaceRequest['direction'];
  readonly interface: string;
  readonly function: string;
  /** What the component has. */
  readonly signature: string;
  /** What the plugin has. */
  readonly expected: string;
  readonly plugin: string;
}

const maxListed = 5;
const maxExcerptLength = 400;
/** Characters shown before the place where two long texts begin to differ. */
const lead = 100;

/**
 * Compares the types of every function that a component imports from a plugin, or exports to one, with what the plugin states. The types that a component
 * declares decide what a host function is handed; so this comes before anything is bound.
 *
 * @throws HostError `ERR_SIGNATURE_MISMATCH` naming the functions, each with both signatures
 */
export function checkSignatures(requests: readonly PluginRequest[]): void {
  const mismatches: SignatureMismatch[] = [];
  for (const entry of requests) {
    const { plugin, request, functions } = entry;
    if (functions === undefined || isNameList(functions)) continue;
    const { component } = request;
    const writer = new SignatureWriter(resourceNames(entry, requests));
    for (const shape of request.shape.functions) {
      const expected = Object.hasOwn(functions, shape.name) ? functions[shape.name] : undefined;
      if (expected === undefined) continue;
      const signature = writer.write(shape);
      if (signature === expected || compact(signature) === compact(expected)) continue;
      mismatches.push({
        component: component.name,
        direction: request.direction,
        interface: request.externName,
        function: shape.name,
        ...excerpts(signature, expected),
        plugin: plugin.id,
      });
    }
  }
  if (mismatches.length > 0) throw mismatchError(mismatches);
}

/**
 * A handle to a resource that a plugin serves, or that the called export itself defines, has the name that a plugin knows it by. Any other one keeps the
 * component's own word for it, which no plugin's signature has: a plugin can do nothing with the resources of another component, nor with those of
 * another plugin where it serves that interface itself.
 */
function resourceNames(
  { plugin, request: { component } }: PluginRequest,
  requests: readonly PluginRequest[],
): NameResource {
  const isForeign = (other: PluginRequest): boolean =>
    other.plugin !== plugin && plugin.world.provides.some(({ id }) => id === other.request.id);
  return ({ owner, resource }) => {
    const served = requests.find(
      ({ request }) =>
        request.component === component &&
        request.direction === owner?.direction &&
        request.externName === owner.externName,
    );
    if (served !== undefined && !isForeign(served)) return resourceName(served.request.id, resource);
    const of =
      owner === undefined ? 'no interface' : `its ${owner.direction} ${JSON.stringify(owner.externName.slice(0, 200))}`;
    return `${JSON.stringify(resource.slice(0, 100))} of ${of}`;
  };
}

function isNameList(functions: FunctionSignatures | readonly string[]): functions is readonly string[] {
  return Array.isArray(functions);
}

/** What a person writes may have other spaces, line breaks, and commas at the end of a list. */
function compact(signature: string): string {
  return signature
    .replace(/\s+/g, ' ')
    .replace(/ ?([(){}<>,:]|->) ?/g, '$1')
    .replace(/,([)}>])/g, '$1');
}

/** Both texts, cut around the first difference when they are long. */
function excerpts(signature: string, expected: string): Pick<SignatureMismatch, 'signature' | 'expected'> {
  let at = 0;
  while (at < expected.length && signature[at] === expected[at]) at += 1;
  return { signature: excerpt(signature, at), expected: excerpt(expected, at) };
}

function excerpt(text: string, at: number): string {
  if (text.length <= maxExcerptLength) return text;
  const start = Math.max(0, at - lead);
  const end = start + maxExcerptLength;
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`;
}

function mismatchError(mismatches: readonly SignatureMismatch[]): HostError {
  const listed = mismatches.slice(0, maxListed);
  const lines = listed.map((entry) => {
    const verb = entry.direction === 'import' ? 'imports' : 'exports';
    return (
      `component '${entry.component}' ${verb} '${entry.function}' of '${entry.interface}' as ${entry.signature}, ` +
      `but for plugin '${entry.plugin}' it is ${entry.expected}`
    );
  });
  if (mismatches.length > listed.length) lines.push(`and ${mismatches.length - listed.length} more`);
  const what = mismatches.length === 1 ? 'a function has' : `${mismatches.length} functions have`;
  return new HostError(
    'ERR_SIGNATURE_MISMATCH',
    `${what} other types than the host expects; build the component against the WIT of the plugin: ${lines.join('; ')}`,
    { details: { mismatches: listed } },
  );
}
