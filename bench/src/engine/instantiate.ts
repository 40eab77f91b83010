import { setTimeout as sleep } from 'node:timers/promises';
import type { ComponentImports, ComponentShape } from '@lodge/core';
import type { Case, CaseMaker, SubjectTask } from './case.ts';
import { echoHost, leanHost, leanSuspending, stubHost } from './host-imports.ts';
import { compile, engineOf, readComponent, type Startable, startable } from './start-component.ts';

/** Until the engine knows whether it can use the instances of a large component again. Milliseconds per megabyte. */
const settleMsPerMb = 35;

/** Most of a new instance is paid for when it is collected: a sample has to see several collections. */
const collectedWeight = 4;

/**
 * New guest state. `lodge` gives each instance back, so that the engine makes new state as it likes best; `lodge plain` keeps none, so that
 * each is made from nothing; `bare` is the core instances of `lodge plain` alone.
 */
export async function instantiateCases({ subject, files }: SubjectTask): Promise<readonly CaseMaker[]> {
  const engine = await engineOf(subject);
  const make = async (
    component: string,
    hostOf: (shape: ComponentShape) => ComponentImports,
    suspending: readonly string[] = [],
  ): Promise<Case> => {
    const bytes = await readComponent(files[component]);
    const compiled = await compile(engine, bytes, suspending);
    const run = await runOf(subject, startable(compiled, hostOf(compiled.shape)));
    await sleep((bytes.length / 1_000_000) * settleMsPerMb);
    return {
      component,
      unit: 'us',
      weight: subject === 'lodge plain' || subject === 'bare' ? collectedWeight : 1,
      run,
    };
  };
  return [
    () => make('lean', () => leanHost(() => undefined).imports, [leanSuspending]),
    () => make('values', echoHost),
    () => make('composed', () => ({})),
    () => make('starling', stubHost),
  ];
}

function runOf(subject: string, component: Startable): Case['run'] | Promise<Case['run']> {
  switch (subject) {
    case 'bare':
      return bareRun(component);
    case 'lodge plain':
      return async (count) => {
        for (let i = 0; i < count; i++) {
          const instance = component.instantiate();
          if (instance instanceof Promise) await instance;
        }
        return undefined;
      };
    default:
      return async (count) => {
        for (let i = 0; i < count; i++) {
          const made = component.instantiate();
          const instance = made instanceof Promise ? await made : made;
          instance.dispose();
        }
        return undefined;
      };
  }
}

/** Watches what core instances one instance is made of, and makes those again. */
async function bareRun(component: Startable): Promise<Case['run']> {
  const made: { module: WebAssembly.Module; imports: WebAssembly.Imports | undefined }[] = [];
  const Instance = WebAssembly.Instance;
  WebAssembly.Instance = class extends Instance {
    constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
      super(module, imports);
      made.push({ module, imports });
    }
  };
  try {
    await component.instantiate();
  } finally {
    WebAssembly.Instance = Instance;
  }
  return (count) => {
    for (let i = 0; i < count; i++) for (const { module, imports } of made) new Instance(module, imports);
    return undefined;
  };
}
