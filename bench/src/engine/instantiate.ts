import { setTimeout as sleep } from 'node:timers/promises';
import type { ComponentImports, ComponentShape } from '@lodge/core';
import type { Case, SubjectTask } from './case.ts';
import { echoHost, leanHost, leanSuspending, stubHost } from './host-imports.ts';
import { compile, engineOf, readComponent, type Startable, startable } from './start-component.ts';

/** Until the engine knows whether it can use the instances of a large component again. Milliseconds. */
const settleMs = 500;

/**
 * New guest state. `lodge` gives each instance back, so that the engine makes new state as it likes best; `lodge plain` keeps none, so that
 * each is made from nothing; `bare` is the core instances of `lodge plain` alone.
 */
export async function instantiateCases({ subject, files }: SubjectTask): Promise<readonly Case[]> {
  const engine = await engineOf(subject);
  const components: Startable[] = [];
  const cases: Case[] = [];
  const add = async (
    name: string,
    hostOf: (shape: ComponentShape) => ComponentImports,
    suspending: readonly string[] = [],
  ): Promise<void> => {
    const compiled = await compile(engine, await readComponent(files[name]), suspending);
    const component = startable(compiled, hostOf(compiled.shape));
    components.push(component);
    cases.push({ component: name, unit: 'us', run: await runOf(subject, component) });
  };
  await add('lean', () => leanHost(() => undefined).imports, [leanSuspending]);
  await add('values', echoHost);
  await add('composed', () => ({}));
  await add('starling', stubHost);
  await sleep(settleMs);
  return cases;
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
