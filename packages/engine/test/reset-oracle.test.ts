import assert from 'node:assert/strict';
import { type CompiledComponent, type ComponentInstance, type FunctionShape, HostError, WitError } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { memberName, Random, testScope } from '@lodge-internal/engine-suite';
import { watComponent } from '@lodge-internal/fixtures';
import { describe, it, vi } from 'vitest';
import { type ResetComponent, resetComponents } from './reset-components.js';
import { watchInstances } from './watch-instances.js';

/** Another seed makes other sequences; what fails is found again with the seed that was printed. */
const seed = Number(process.env['LODGE_SEED'] ?? 20_261_122);
/** Call sequences of all components together, each on a recycled instance and on a new one. */
const sequences = Number(process.env['LODGE_SEQUENCES'] ?? 100_000);
const scope = testScope('oracle');

/** What one life let its host see, in order. */
type Transcript = unknown[];

interface Step {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Imports that write down what is asked of them, and answer from the arguments alone. */
class Host {
  transcript: Transcript = [];
  instance: ComponentInstance | undefined;
  readonly imports: Readonly<Record<string, unknown>>;
  readonly seesMemoryBytes: boolean;

  constructor(seesMemoryBytes: boolean) {
    this.seesMemoryBytes = seesMemoryBytes;
    const note = (what: string, value: unknown): void => void this.transcript.push([what, value]);
    class Thing {
      readonly #value: number;
      constructor(value: number) {
        note('constructor', value);
        this.#value = value;
      }
      read(): number {
        note('read', this.#value);
        return this.#value;
      }
      [Symbol.dispose](): void {
        note('dispose', this.#value);
      }
    }
    const tryMake = (value: number): Thing => {
      if (value % 3 === 0) throw new WitError(value % 10);
      if (value % 17 === 0) throw new HostError('ERR_CALL_ABORTED', 'The host does not want to.');
      return new Thing(value);
    };
    this.imports = {
      'lodge:test/things': { Thing, tryMake, take: (thing: Thing) => thing.read() },
      note: (value: number) => {
        note('note', value);
        if (value % 11 === 0) throw new Error('the host does not want to');
        return value % 100;
      },
      wait: (value: number) => {
        note('wait', value);
        switch (value % 8) {
          case 0:
            return new Promise(() => queueMicrotask(() => this.instance?.interrupt(new Error('interrupted'))));
          case 1:
            return Promise.reject(new Error('refused'));
          case 2:
            return value % 100;
          case 3:
            // The life ends while the guest waits.
            return new Promise(() => queueMicrotask(() => this.instance?.dispose()));
          default:
            return Promise.resolve(value % 100);
        }
      },
    };
  }
}

interface Mode {
  readonly isInterruptible: boolean;
  /** Whether graphs are used again after their memory has grown; only then is every place of them compared that they really have. */
  readonly keepsGrownMemories: boolean;
}

const modes: readonly Mode[] = [false, true].flatMap((isInterruptible) => [
  { isInterruptible, keepsGrownMemories: false },
  { isInterruptible, keepsGrownMemories: true },
]);

describe(`a recycled instance does what a new one does (LODGE_SEED=${seed})`, () => {
  const cases = modes.flatMap((mode) =>
    resetComponents.flatMap((component, index) =>
      mode.keepsGrownMemories && component.grow === undefined ? [] : [{ mode, component, index }],
    ),
  );
  for (const { mode, component, index } of cases) {
    const { isInterruptible, keepsGrownMemories } = mode;
    const name = `${component.name}${keepsGrownMemories ? ', its growth undone' : ''}${isInterruptible ? ', interruptible' : ''}`;
    it(name, async () => {
      await compare(component, new Random(seed + index), Math.ceil(sequences / cases.length), mode);
    }, 600_000);
  }
});

/** The code of the modules is read in the background once a life has ended; until that is done nothing is recycled. */
async function untilRecycling(liveOnce: () => Promise<unknown>): Promise<void> {
  await vi.waitFor(async () => {
    // Graphs of the time before cannot undo growth, and are used up first.
    await liveOnce();
    const watch = watchInstances();
    await liveOnce();
    assert(watch.end() === 0, 'nothing is recycled yet');
  });
}

async function compare(
  { name, text, suspending = [], isRecycled, beyond = [], grow }: ResetComponent,
  random: Random,
  count: number,
  { isInterruptible, keepsGrownMemories }: Mode,
): Promise<void> {
  const bytes = await watComponent(text);
  const compile = (): Promise<CompiledComponent> =>
    lodgeEngine({ keepsGrownMemories }).compile(bytes, {
      name,
      suspendingImports: new Set(suspending),
      isInterruptible,
    });
  const [recycled, plain] = await Promise.all([compile(), compile()]);
  const left = keepsGrownMemories ? ['bytes', ...beyond] : ['bytes'];
  const functions = recycled.shape.exportedFunctions.filter((fn) => !left.includes(fn.name));
  const [host, plainHost] = [new Host(!keepsGrownMemories), new Host(!keepsGrownMemories)];
  let made = 0;
  if (isRecycled) await untilRecycling(() => live(recycled, host, name, []));
  const growth = keepsGrownMemories && grow !== undefined ? [{ name: grow, args: [] }] : undefined;
  if (growth !== undefined) await untilRecycling(() => live(recycled, host, name, growth));
  for (let sequence = 0; sequence < count; sequence++) {
    const steps = stepsOf(functions, random);
    const watch = watchInstances();
    const actual = await live(recycled, host, name, steps);
    made += watch.end() > 0 ? 1 : 0;
    // An interrupted life is never recycled.
    const expected = await live(plain, plainHost, name, steps, (instance) => instance.interrupt(new Error('end')));
    try {
      assert.deepStrictEqual(actual, expected);
    } catch (cause) {
      throw new Error(`sequence ${sequence}: ${JSON.stringify(steps)}: ${String(cause)}`, { cause });
    }
  }
  if (isRecycled) assert(made < count * 0.95, `${made} of ${count} lives got a new instance: nothing is recycled`);
  else assert.equal(made, count);
}

async function live(
  component: CompiledComponent,
  host: Host,
  name: string,
  steps: readonly Step[],
  beforeEnd?: (instance: ComponentInstance) => void,
): Promise<Transcript> {
  host.transcript = [];
  const instance = await component.instantiate(new Map([[name, host.imports]]), scope);
  host.instance = instance;
  for (const step of steps) {
    host.transcript.push([step.name, await outcomeOf(instance, step)]);
    if (instance.isPoisoned) break;
  }
  host.transcript.push(await outcomeOf(instance, { name: 'bytes', args: [] }));
  // What its memories really have is no business of the guest.
  if (host.seesMemoryBytes) host.transcript.push(instance.memoryBytes);
  beforeEnd?.(instance);
  instance.dispose();
  return host.transcript;
}

async function outcomeOf(instance: ComponentInstance, { name, args }: Step): Promise<unknown> {
  const func = instance.exports[memberName(name)];
  assert(typeof func === 'function');
  try {
    const result = func(...args);
    const value = result instanceof Promise ? await result : result;
    return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}

function stepsOf(functions: readonly FunctionShape[], random: Random): Step[] {
  return Array.from({ length: random.below(7) }, () => {
    const fn = random.pick(functions);
    return { name: fn.name, args: fn.params.map(({ type }) => argument(type, random)) };
  });
}

function argument(type: FunctionShape['params'][number]['type'], random: Random): unknown {
  const number = (): number => random.pick([random.below(10), random.below(70_000), random.below(0xffff_ffff)]);
  if (type.kind !== 'list') return number();
  const length = random.pick([0, 1, random.below(100), random.below(20_000)]);
  return type.element.kind === 'u8' ? new Uint8Array(length).fill(random.below(256)) : new Uint32Array(length).fill(3);
}
