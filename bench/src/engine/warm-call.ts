import type { ComponentInstance, GuestFunction } from '@lodge/core';
import { echoInterface } from '@lodge-internal/fixtures';
import type { Case, CaseMaker, SubjectTask } from './case.ts';
import { functionOf } from './function-of.ts';
import { echoHost, leanHost, leanSuspending } from './host-imports.ts';
import { compile, engineOf, readComponent, startable } from './start-component.ts';

type Answer = undefined | Promise<undefined>;

/**
 * Calls on one instance that has been called before. Each loop is a function of its own: V8 keeps what it has seen per function, and a
 * loop that served two cases would be slower for both.
 */
export async function warmCallCases(task: SubjectTask): Promise<readonly CaseMaker[]> {
  return [
    () => leanCase(task, 'lean sync', [], () => undefined),
    () => leanCase(task, 'lean jspi', [leanSuspending], () => undefined),
    () => leanCase(task, 'lean suspends', [leanSuspending], () => Promise.resolve(undefined)),
    () => valueCases(task),
    () => resourceCase(task),
    () => composedCases(task),
  ];
}

async function leanCase(
  { subject, files }: SubjectTask,
  component: string,
  suspending: readonly string[],
  write: () => Answer,
): Promise<Case> {
  const { imports, args } = leanHost(write);
  const compiled = await compile(await engineOf(subject), await readComponent(files['lean']), suspending);
  const instance = await startable(compiled, imports).instantiate();
  const handle = functionOf(instance, 'wasi:http/incoming-handler@0.2.3', 'handle');
  if (suspending.length === 0) {
    return {
      component,
      unit: 'ns',
      run(count) {
        for (let i = 0; i < count; i++) handle(args.request(), args.outparam());
        return undefined;
      },
    };
  }
  return {
    component,
    unit: 'ns',
    async run(count) {
      for (let i = 0; i < count; i++) await handle(args.request(), args.outparam());
      return undefined;
    },
  };
}

async function valueCases(task: SubjectTask): Promise<Case[]> {
  const instance = await start(task, 'values', echoHost());
  const text = functionOf(instance, echoInterface, 'text');
  const bytes = functionOf(instance, echoInterface, 'bytes');
  return [
    numberCase(functionOf(instance, echoInterface, 'number')),
    textCase('string 10 B', text, 'ten bytes!'),
    textCase('string 1 KB', text, 'x'.repeat(1024)),
    textCase('string 64 KB', text, 'x'.repeat(65_536)),
    textCase('string 1 KB, not ASCII', text, 'é'.repeat(512)),
    bytesCase('list<u8> 16 B', bytes, new Uint8Array(16).fill(7)),
    bytesCase('list<u8> 64 KB', bytes, new Uint8Array(65_536).fill(7)),
    textsCase(functionOf(instance, echoInterface, 'texts')),
    pixelCase(functionOf(instance, echoInterface, 'pixel')),
    choiceCase(functionOf(instance, echoInterface, 'choice')),
  ];
}

function numberCase(number: GuestFunction): Case {
  let sum = 0;
  return {
    component: 'u32',
    unit: 'ns',
    run(count) {
      for (let i = 0; i < count; i++) sum = (sum + number(i)) | 0;
      return undefined;
    },
  };
}

function textCase(component: string, text: GuestFunction, value: string): Case {
  return {
    component,
    unit: 'ns',
    run(count) {
      for (let i = 0; i < count; i++) text(value);
      return undefined;
    },
  };
}

function bytesCase(component: string, bytes: GuestFunction, value: Uint8Array): Case {
  return {
    component,
    unit: 'ns',
    run(count) {
      for (let i = 0; i < count; i++) bytes(value);
      return undefined;
    },
  };
}

function textsCase(texts: GuestFunction): Case {
  const value = Array.from({ length: 1000 }, (_, index) => `text ${index}`);
  return {
    component: 'list<string> 1000, one way',
    unit: 'ns',
    run(count) {
      for (let i = 0; i < count; i++) texts(value);
      return undefined;
    },
  };
}

function pixelCase(pixel: GuestFunction): Case {
  return {
    component: 'record of 3',
    unit: 'ns',
    run(count) {
      for (let i = 0; i < count; i++) pixel({ x: i, y: 0.5, shade: 7 });
      return undefined;
    },
  };
}

function choiceCase(choice: GuestFunction): Case {
  const values = [{ tag: 'whole', val: 7 }, { tag: 'real', val: 0.5 }, { tag: 'long', val: 7n }, { tag: 'nothing' }];
  return {
    component: 'variant',
    unit: 'ns',
    run(count) {
      for (let i = 0; i < count; i++) choice(values[i & 3]);
      return undefined;
    },
  };
}

interface Counter extends Disposable {
  value(): number;
}

async function resourceCase(task: SubjectTask): Promise<Case> {
  const instance = await start(task, 'resource', {});
  const Counter = functionOf(instance, 'lodge:bench/counters', 'Counter') as unknown as new (start: number) => Counter;
  return {
    component: 'resource new, method, dispose',
    unit: 'ns',
    run(count) {
      for (let i = 0; i < count; i++) {
        const counter = new Counter(i);
        counter.value();
        counter[Symbol.dispose]();
      }
      return undefined;
    },
  };
}

/** The loops are in the guest. */
async function composedCases(task: SubjectTask): Promise<Case[]> {
  const instance = await start(task, 'composed', {});
  const caller = (what: string, name: string, size?: number): Case => {
    const call = functionOf(instance, 'lodge:bench/caller', name);
    return {
      component: `component to component ${what}`,
      unit: 'ns',
      run(count) {
        if (size === undefined) call(count);
        else call(count, size);
        return undefined;
      },
    };
  };
  // As in `../wasmtime/subject.py`.
  return [
    caller('u32', 'callScalar'),
    caller('string 10 B', 'callString', 10),
    caller('string 100 B', 'callString', 100),
    caller('string 1 KB', 'callString', 1000),
    caller('string 10 B echo', 'callEcho', 10),
    caller('list<u32> 100', 'callList', 100),
  ];
}

async function start(
  { subject, files }: SubjectTask,
  name: string,
  imports: Readonly<Record<string, unknown>>,
): Promise<ComponentInstance> {
  const compiled = await compile(await engineOf(subject), await readComponent(files[name]));
  return startable(compiled, imports).instantiate();
}
