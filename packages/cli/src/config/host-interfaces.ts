import { capabilities } from '../host/capabilities.js';
import { suggestion } from '../suggest.js';

/** `wasi:http`, `wasi:keyvalue` and the others that an entry can speak of. */
const packages: ReadonlySet<string> = new Set(['wasi:http', ...capabilities.map(({ interfaces }) => interfaces)]);

interface PackageName {
  readonly namespace: string;
  readonly package: string;
}

/** Whether Lodge has a plugin for the package of an entry. */
export function isServedPackage(entry: PackageName): boolean {
  return packages.has(nameOf(entry));
}

/** What to say of an entry for which it has none. */
export function describePackageProblem(entry: unknown): string {
  const name = isPackageName(entry) ? nameOf(entry) : 'this';
  return `lodge has nothing for ${name}${suggestion(name, packages)}; it has ${[...packages].join(', ')}`;
}

function nameOf({ namespace, package: name }: PackageName): string {
  return `${namespace}:${name}`;
}

function isPackageName(value: unknown): value is PackageName {
  return typeof value === 'object' && value !== null && 'namespace' in value && 'package' in value;
}
