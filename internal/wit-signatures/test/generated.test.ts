import { readFile } from 'node:fs/promises';
import type { FunctionSignatures } from '@lodge/core';
import { expect, test } from 'vitest';
import { moduleText } from '../src/module-text.ts';
import { witPackages } from '../src/packages.ts';
import { type Signatures, signaturesOf } from '../src/signatures.ts';
import { packageFolder, parseWitPackage, readWitPackages } from '../src/wit-package.ts';

async function ofPackage(name: string): Promise<Signatures> {
  return signaturesOf(await readWitPackages(new URL('wit/', packageFolder(name))));
}

/** WASI 0.2.12 as its authors publish it: jco carries a copy. */
async function official(): Promise<Signatures> {
  const folder = new URL('../lib/wit/builtin/0.2.12/', import.meta.resolve('@bytecodealliance/jco'));
  const names = ['io', 'clocks', 'random', 'cli', 'filesystem', 'sockets', 'http'];
  const files = names.map((name) => readFile(new URL(`wasi-${name}/package.wit`, folder), 'utf8'));
  return signaturesOf((await Promise.all(files)).map(parseWitPackage));
}

test.each(witPackages)('%s states what its WIT says', async (name) => {
  const packages = await readWitPackages(new URL('wit/', packageFolder(name)));
  const file = new URL('src/generated/signatures.ts', packageFolder(name));
  const { signatures }: { signatures: Record<string, FunctionSignatures> } = await import(file.href);
  const expected = await signaturesOf(packages);
  expect(signatures).toEqual(Object.fromEntries(expected));
  expect(await readFile(file, 'utf8')).toBe(moduleText(expected, packages));
});

test('the functions of WASI take and return what their authors say', async () => {
  const theirs = await official();
  for (const ours of [await ofPackage('wasi'), await ofPackage('plugin-http')]) {
    for (const [id, functions] of ours) expect(theirs.get(id), id).toMatchObject(functions);
  }
});
