import { componentEmbed, componentNew } from '@bytecodealliance/jco-transpile/wasm-tools';
import { type FunctionSignatures, interfaceSignatures } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { interfacesOf, type WitPackage, worldOf } from './wit-package.ts';

/** By interface id, in the order of the WIT. */
export type Signatures = ReadonlyMap<string, FunctionSignatures>;

/** What the functions of every interface of `packages` take and return. */
export async function signaturesOf(packages: readonly WitPackage[]): Promise<Signatures> {
  const shape = await lodgeEngine().inspect(await dummyComponent(await worldOf(packages)));
  const all = interfaceSignatures(shape);
  return new Map(packages.flatMap(interfacesOf).map((id) => [id, all[id] ?? {}]));
}

/** A component that imports everything of the world `all` of a WIT text, and does nothing. */
export async function dummyComponent(witSource: string): Promise<Uint8Array> {
  try {
    return await componentNew(await componentEmbed({ witSource, world: 'all', dummy: true, features: { tag: 'all' } }));
  } catch (error) {
    const payload = error instanceof Error && 'payload' in error ? error.payload : error;
    throw new Error(String(payload), { cause: error });
  }
}
