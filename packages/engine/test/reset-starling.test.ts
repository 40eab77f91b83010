import assert from 'node:assert/strict';
import { type CompiledComponent, type ComponentInstance, HostError } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { Random, testScope } from '@lodge-internal/engine-suite';
import { jsComponent } from '@lodge-internal/fixtures';
import { describe, it, vi } from 'vitest';
import { kindHost } from './any-host.js';
import { watchInstances } from './watch-instances.js';

/** Another seed makes other answers of the host. */
const seed = Number(process.env['LODGE_SEED'] ?? 20_261_122);
/** Each takes about a tenth of a second. */
const lives = 12;
const handler = 'wasi:http/incoming-handler@0.2.12';
const types = 'wasi:http/types@0.2.12';

describe(`an engine for JavaScript in WebAssembly (LODGE_SEED=${seed})`, () => {
  it.each([false, true])(
    'does in a recycled instance what it does in a new one, to the last byte of its memory (interruptible: %s)',
    async (isInterruptible) => {
      const bytes = await jsComponent('http-hello');
      const compile = (): Promise<CompiledComponent> =>
        lodgeEngine().compile(bytes, { name: 'starling', suspendingImports: new Set(), isInterruptible });
      const [recycled, plain] = [new Subject(await compile()), new Subject(await compile())];
      await vi.waitFor(
        () => {
          recycled.open(0);
          recycled.instance?.dispose();
          assert(recycled.isRecycled, 'nothing is recycled yet');
        },
        { timeout: 20_000 },
      );
      for (let life = 0; life < lives; life++) {
        for (const subject of [recycled, plain]) {
          subject.open(seed + life);
          for (let request = 0; request < life % 3; request++) await subject.handle();
        }
        assert(recycled.isRecycled && !plain.isRecycled, 'it is the other way round');
        assert.deepEqual(recycled.calls, plain.calls, `life ${life}`);
        assert(life % 3 === 0 || recycled.calls.length > 10, 'the guest does nothing');
        assert.equal(recycled.instance?.memoryBytes, plain.instance?.memoryBytes);
        assert(plain.memories.length > 0);
        for (const [index, memory] of plain.memories.entries()) {
          const other = recycled.memories[index];
          assert(
            other && Buffer.from(memory.buffer).equals(Buffer.from(other.buffer)),
            `memory ${index} of life ${life}`,
          );
        }
        recycled.instance?.dispose();
        // An interrupted life is never recycled.
        plain.instance?.interrupt(new HostError('ERR_CALL_ABORTED', 'The life is over.'));
        plain.instance?.dispose();
      }
    },
    240_000,
  );
});

/** A component with one life at a time, and a host that writes down what is asked of it. */
class Subject {
  instance: ComponentInstance | undefined;
  /** What this life asked of its host, in order. */
  calls: unknown[] = [];
  memories: readonly WebAssembly.Memory[] = [];
  /** Whether this life runs on instances of an earlier one. */
  isRecycled = false;
  readonly #component: CompiledComponent;
  readonly #imports: Readonly<Record<string, unknown>>;
  #random = new Random(0);

  constructor(component: CompiledComponent) {
    this.#component = component;
    this.#imports = kindHost(
      component.shape,
      () => this.#random,
      (name, args) => this.calls.push([name, JSON.stringify(args, withBigInts)]),
    );
  }

  open(seedOfLife: number): void {
    this.#random = new Random(seedOfLife);
    this.calls = [];
    const watch = watchInstances();
    try {
      const instance = this.#component.instantiate(new Map([['starling', this.#imports]]), testScope('starling'));
      assert(!(instance instanceof Promise));
      this.instance = instance;
    } finally {
      this.isRecycled = watch.end() === 0;
      if (!this.isRecycled) this.memories = [...watch.memories];
    }
  }

  async handle(): Promise<void> {
    const exported = this.instance?.exports[handler];
    assert(typeof exported === 'object');
    const { IncomingRequest, ResponseOutparam } = this.#imports[types] as Record<string, new () => object>;
    assert(IncomingRequest !== undefined && ResponseOutparam !== undefined);
    await exported['handle']?.(new IncomingRequest(), new ResponseOutparam());
  }
}

function withBigInts(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}` : value;
}
