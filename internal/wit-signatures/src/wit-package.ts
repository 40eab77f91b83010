import { readdir, readFile } from 'node:fs/promises';
import type { InterfaceId } from '@lodge/core';

/** One WIT package in one file: `package …;` and what follows it. */
export interface WitPackage {
  /** Such as `wasi:io`. */
  readonly name: string;
  /** Such as `@0.2.12`; empty without one. */
  readonly version: string;
  readonly body: string;
}

const packagesFolder = new URL('../../../packages/', import.meta.url);

/** The folder of a package of this repository. */
export function packageFolder(name: string): URL {
  return new URL(`${name}/`, packagesFolder);
}

/** The WIT packages of a folder, one per file. */
export async function readWitPackages(folder: URL): Promise<WitPackage[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.wit')).sort();
  return Promise.all(files.map(async (file) => parseWitPackage(await readFile(new URL(file, folder), 'utf8'))));
}

/** Splits the text of one WIT file. */
export function parseWitPackage(text: string): WitPackage {
  const match = /^\s*package ([a-z0-9:-]+)(@[^;]+)?;/.exec(text);
  if (match === null) throw new Error('a WIT file does not begin with its package');
  const [head, name = '', version = ''] = match;
  return { name, version, body: text.slice(head.length) };
}

/** The ids of its interfaces, in order. */
export function interfacesOf({ name, version, body }: WitPackage): InterfaceId[] {
  return [...body.matchAll(/^interface %?([a-z0-9-]+) \{/gm)].map(
    ([, interfaceName]) => `${name}/${interfaceName}${version}` as InterfaceId,
  );
}

/** What a world has, as interface ids. */
export interface World {
  readonly imports: readonly string[];
  readonly exports?: readonly string[];
}

/**
 * One text with `packages` and what they use of base WASI, in the versions in which they use it, and a world `all`.
 *
 * @param world unset: every interface of `packages` is imported; what a plugin calls has the same types there as where it is exported
 */
export async function worldOf(
  packages: readonly WitPackage[],
  { imports, exports = [] }: World = { imports: packages.flatMap(interfacesOf) },
): Promise<string> {
  const base = await readWitPackages(new URL('wit/', packageFolder('wasi')));
  const all = [...packages];
  for (const { body } of all) {
    for (const [, name, version = ''] of body.matchAll(/\b(wasi:[a-z]+)\/[a-z-]+(@[0-9.]+)?[.;]/g)) {
      if (all.some((known) => known.name === name && known.version === version)) continue;
      const found = base.find((candidate) => candidate.name === name);
      if (found === undefined) throw new Error(`${name}${version} is used, but is no package of base WASI`);
      all.push({ ...found, version, body: found.body.replaceAll(found.version, version) });
    }
  }
  const world = [...imports.map((id) => `  import ${id};`), ...exports.map((id) => `  export ${id};`)];
  const nested = all.map(({ name, version, body }) => `package ${name}${version} {${body}}`);
  return ['package lodge:signatures;', 'world all {', ...world, '}', ...nested].join('\n');
}
