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

/** The components of the benchmark, as files that the processes of the subjects read. */
export interface Components {
  /** Hand-written, 6 KB: answers HTTP in nine host calls. */
  readonly lean: string;
  /** StarlingMonkey with a TypeScript handler, 14 MB. */
  readonly starling: string;
  /** Gives every value back, by way of an import of the same type. */
  readonly values: string;
  /** A resource of the guest. */
  readonly resource: string;
  /** Two components, one calling the other in a loop. */
  readonly composed: string;
}

const scalar = (kind: 'u8' | 'u32' | 'f32' | 'f64' | 's64' | 'string'): ValueType => ({ kind });

/** Builds what is not in the fixtures' cache and writes all of it to `folder`. The first build of `starling` takes 20 seconds. */
export async function prepareComponents(folder: string): Promise<Components> {
  return {
    lean: await write(folder, 'lean', fixture('lean')),
    starling: await write(folder, 'starling', jsComponent('http-hello')),
    values: await write(folder, 'values', valuesComponent()),
    resource: await write(folder, 'resource', resourceComponent()),
    composed: await write(folder, 'composed', readSource('composed.wat').then(watComponent)),
  };
}

async function write(folder: string, name: string, bytes: Promise<Uint8Array>): Promise<string> {
  const path = join(folder, `${name}.wasm`);
  await writeFile(path, await bytes);
  return path;
}

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

function readSource(file: string): Promise<string> {
  return readFile(new URL(`../components/${file}`, import.meta.url), 'utf8');
}
