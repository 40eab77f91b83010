import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  echoComponent,
  embedComponent,
  fixture,
  jsComponent,
  type ValueType,
  watComponent,
} from '@lodge-internal/fixtures';

/**
 * A component of the benchmark.
 *
 * - `lean`: hand-written, 6 KB, answers HTTP in nine host calls
 * - `starling`: StarlingMonkey with a TypeScript handler, 14 MB
 * - `values`: gives every value back, by way of an import of the same type
 * - `resource`: a resource of the guest
 * - `composed`: two components, one calling the other in a loop
 * - `growing`: as large as a Rust command; grows its memory by a page in each call
 * - `work`: loops, calls and JSON, hand-written
 * - `json`: StarlingMonkey that reads and writes JSON
 * - `keyvalue`, `blobstore`, `messaging`: hand-written, each does operations of that package in a loop
 */
export type ComponentName =
  | 'lean'
  | 'starling'
  | 'values'
  | 'resource'
  | 'composed'
  | 'growing'
  | 'work'
  | 'json'
  | 'keyvalue'
  | 'blobstore'
  | 'messaging';

/** Components as files, which the processes of the subjects read. */
export type ComponentFiles = ReadonlyMap<ComponentName, string>;

const sources: Readonly<Record<ComponentName, () => Promise<Uint8Array>>> = {
  lean: () => fixture('lean'),
  starling: () => jsComponent('http-hello'),
  values: valuesComponent,
  resource: resourceComponent,
  composed: async () => watComponent(await readSource('composed.wat')),
  growing: async () => watComponent(await readSource('growing.wat')),
  work: async () => watComponent(await readSource('work.wat')),
  json: () => jsComponent('json-work'),
  keyvalue: () => loopsComponent('keyvalue', ['@lodge/plugin-keyvalue/wit/draft.wit']),
  blobstore: () => loopsComponent('blobstore', ['@lodge/plugin-blobstore/wit/blobstore.wit', '@lodge/wasi/wit/io.wit']),
  messaging: () => loopsComponent('messaging', ['@lodge/plugin-messaging/wit/messaging.wit']),
};

/** Writes components to `folder`; those that were built before come from a cache. The first build of `starling` takes 20 seconds. */
export async function prepareComponents(folder: string, names: Iterable<ComponentName>): Promise<ComponentFiles> {
  const files = new Map<ComponentName, string>();
  for (const name of names) {
    const path = join(folder, `${name}.wasm`);
    await writeFile(path, await sources[name]());
    files.set(name, path);
  }
  return files;
}

const scalar = (kind: 'u8' | 'u32' | 'f32' | 'f64' | 's64' | 'string'): ValueType => ({ kind });

function valuesComponent(): Promise<Uint8Array> {
  const same = (name: string, type: ValueType) => ({ name, params: [type], result: type });
  const bytes: ValueType = { kind: 'list', element: scalar('u8') };
  const texts: ValueType = { kind: 'list', element: scalar('string') };
  const pixel: ValueType = {
    kind: 'record',
    fields: [
      { name: 'x', type: scalar('u32') },
      { name: 'y', type: scalar('f64') },
      { name: 'shade', type: scalar('u8') },
    ],
  };
  const choice: ValueType = {
    kind: 'variant',
    cases: [
      { name: 'nothing', type: undefined },
      { name: 'whole', type: scalar('u32') },
      { name: 'real', type: scalar('f32') },
      { name: 'long', type: scalar('s64') },
    ],
  };
  return echoComponent([
    same('number', scalar('u32')),
    same('text', scalar('string')),
    same('bytes', bytes),
    { name: 'texts', params: [texts], result: undefined },
    same('pixel', pixel),
    same('choice', choice),
  ]);
}

async function resourceComponent(): Promise<Uint8Array> {
  return embedComponent(await readSource('resource.wat'), await readSource('resource.wit'), 'bench');
}

/** A component of `components/`, with the WIT that packages of ours publish. */
async function loopsComponent(name: string, packages: readonly string[]): Promise<Uint8Array> {
  const wit = [await readSource(`${name}.wit`), ...(await Promise.all(packages.map(readPackage)))];
  // Packages name different versions of `wasi:io`, all of which a host serves; a component imports one.
  const packagesWithOneIo = wit.join('\n').replaceAll(/(wasi:io(?:\/\w+)?)@0\.2\.\d+/g, '$1@0.2.1');
  return embedComponent(await readSource(`${name}.wat`), packagesWithOneIo, 'bench');
}

/** A published WIT in the form that stands beside other packages. */
async function readPackage(path: string): Promise<string> {
  const [, name = '', file = ''] = /^(@lodge\/[^/]+)\/(.*)$/.exec(path) ?? [];
  const text = await readFile(new URL(file, import.meta.resolve(`${name}/package.json`)), 'utf8');
  return text.replace(/^(package [^;]+);([\s\S]*)$/, '$1 {$2}');
}

function readSource(file: string): Promise<string> {
  return readFile(new URL(`../components/${file}`, import.meta.url), 'utf8');
}
