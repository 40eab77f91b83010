import { type InterfaceImports, WitError } from '@lodge/core';
import { expect, test } from 'vitest';
import { importTracing } from './import-tracing.js';
import { recordSpans } from './record-spans.js';

class Bucket {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  static makeOne(): Bucket {
    return new Bucket('made');
  }

  name(): string {
    return this.#name;
  }

  async listKeys(): Promise<string[]> {
    return [this.#name];
  }

  fail(): never {
    throw new WitError('no');
  }

  [Symbol.dispose](): void {}
}

/** Of another package. */
class Stream {
  read(): string {
    return 'bytes';
  }

  [Symbol.dispose](): void {}
}

const component = { name: 'main', workload: { id: 'w', namespace: 'shop', name: 'cart', annotations: {} } };
const options = { prefix: 'wasi.test', component: component as Parameters<typeof importTracing>[0]['component'] };
const store = {
  Bucket,
  open: async (name: string) => new Bucket(name),
  stream: () => new Stream(),
  crash() {
    throw new TypeError('a defect');
  },
};
function traced(): typeof store {
  const imports = importTracing(options)({ 'wasi:test/store': store as unknown as InterfaceImports });
  return imports['wasi:test/store'] as unknown as typeof store;
}

test('without a tracer the imports are the same object', () => {
  const imports = {};
  expect(importTracing(options)(imports)).toBe(imports);
});

test('resources of other interfaces are left alone', () => {
  using recording = recordSpans();
  expect(traced().stream().read()).toBe('bytes');
  expect(recording.spans).toMatchObject([{ name: 'wasi.test.stream' }]);
});

test('functions, static functions and methods have a span each, named as in the WIT', async () => {
  using recording = recordSpans();
  const imports = traced();
  const bucket = await imports.open('orders');
  expect(bucket.name()).toBe('orders');
  expect(await bucket.listKeys()).toEqual(['orders']);
  expect(imports.Bucket.makeOne().name()).toBe('made');
  const attributes = {
    'lodge.component.name': 'main',
    'lodge.workload.name': 'cart',
    'lodge.workload.namespace': 'shop',
  };
  const names = ['open', 'name', 'list_keys', 'make_one', 'name'];
  expect(recording.spans).toEqual(names.map((name) => ({ name: `wasi.test.${name}`, attributes, isFailed: false })));
  expect(typeof imports.Bucket.prototype.listKeys).toBe('function');
  expect(bucket).toBeInstanceOf(Bucket);
});

test('an err is an answer, a defect is a fault, and both come through as they are', async () => {
  using recording = recordSpans();
  const imports = traced();
  const bucket = await imports.open('orders');
  expect(() => bucket.fail()).toThrow(WitError);
  expect(() => imports.crash()).toThrow('a defect');
  expect(recording.spans.slice(1)).toMatchObject([
    { name: 'wasi.test.fail', isFailed: false },
    { name: 'wasi.test.crash', isFailed: true },
  ]);
});
