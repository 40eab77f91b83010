import type { Signatures } from './signatures.ts';
import type { WitPackage } from './wit-package.ts';

const header = `// Written from the WIT of this package. To change it, change the WIT and run
// \`pnpm --filter @lodge-internal/wit-signatures generate\`. A test compares the two.
import type { FunctionSignatures } from '@lodge/core';
`;

/** The TypeScript module that states `signatures`, with each record, variant, enum and flags type written once. */
export function moduleText(signatures: Signatures, packages: readonly WitPackage[]): string {
  const texts = [...signatures.values()].flatMap((functions) => Object.values(functions));
  const names = nameTypes(texts.flatMap(compoundTypes), declaredNames(packages));
  const constants = [...names].map(([type, name]) => `const ${name} = ${literal(type, names, type)};`);
  const types = [...signatures.keys()].map((id) => `  readonly '${id}': FunctionSignatures;`);
  const entries = [...signatures].map(([id, functions]) => {
    const lines = Object.entries(functions).map(([name, text]) => `    ${property(name)}: ${literal(text, names)},`);
    return lines.length === 0 ? `  '${id}': {},` : [`  '${id}': {`, ...lines, '  },'].join('\n');
  });
  const doc = "/** What the functions of this package's interfaces take and return. */";
  const open = 'export const signatures: {';
  return `${[header, ...constants, '', doc, open, ...types, '} = {', ...entries, '};'].join('\n')}\n`;
}

/** Every `record { … }` and its like in a signature, inner ones too. */
function compoundTypes(text: string): string[] {
  return [...text.matchAll(/\b(?:record|variant|enum|flags) \{/g)].map(({ index }) => compoundAt(text, index));
}

function compoundAt(text: string, start: number): string {
  let depth = 0;
  for (let at = text.indexOf('{', start); at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    if (text[at] === '}') depth -= 1;
    if (depth === 0) return text.slice(start, at + 1);
  }
  throw new Error('a signature has an open brace');
}

/** A constant for each type, those that others contain first. */
function nameTypes(types: readonly string[], declared: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Map<string, number>();
  for (const type of [...new Set(types)].sort((a, b) => a.length - b.length || (a < b ? -1 : 1))) {
    const name = camelCase(declared.get(membersKey(type)) ?? type.slice(0, type.indexOf(' ')));
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    // The suffix also keeps clear of words that JavaScript has reserved.
    names.set(type, count === 1 ? `${name}Type` : `${name}Type${count}`);
  }
  return names;
}

/** What the WIT calls a type, by its kind and members. */
function declaredNames(packages: readonly WitPackage[]): ReadonlyMap<string, string> {
  const declaration = /\b(record|variant|enum|flags) %?([A-Za-z0-9-]+) (\{[^}]*\})/g;
  const found = packages.flatMap(({ body }) => [...body.matchAll(declaration)]);
  return new Map(found.map(([, kind, name = '', members]) => [membersKey(`${kind} ${members}`), name]));
}

function membersKey(type: string): string {
  const kind = type.slice(0, type.indexOf(' '));
  const body = type.slice(type.indexOf('{') + 1, -1);
  let depth = 0;
  let flat = '';
  for (const letter of body) {
    if ('<({'.includes(letter)) depth += 1;
    if (depth === 0) flat += letter;
    if ('>)}'.includes(letter)) depth -= 1;
  }
  const members = flat.split(',').map((member) => member.trim().replace(/^%|:.*$|\s.*$/g, ''));
  return `${kind} ${members.filter((member) => member !== '').join(' ')}`;
}

/** The text as a literal that refers to the constants, `itself` excepted. */
function literal(text: string, names: ReadonlyMap<string, string>, itself?: string): string {
  let written = '';
  for (let at = 0; at < text.length; ) {
    const isCompound =
      /^(?:record|variant|enum|flags) \{/.test(text.slice(at, at + 9)) && !/\w/.test(text[at - 1] ?? '');
    const type = isCompound ? compoundAt(text, at) : undefined;
    const name = type === undefined || type === itself ? undefined : names.get(type);
    written += name === undefined ? text[at] : `\${${name}}`;
    at += name === undefined ? 1 : (type?.length ?? 1);
  }
  return written.includes('${') ? `\`${written}\`` : `'${written}'`;
}

function property(name: string): string {
  return /^[a-z]+$/.test(name) ? name : `'${name}'`;
}

function camelCase(name: string): string {
  const words = name.split('-').map((word) => word.toLowerCase());
  return words.map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join('');
}
