import type { ComponentInstance } from '@lodge/core';
import { echoInterface } from '@lodge-internal/fixtures';
import type { CaseMaker, SubjectTask } from './case.ts';
import { functionOf } from './function-of.ts';
import { echoHost, leanHost, leanSuspending } from './host-imports.ts';
import { compile, engineOf, readComponent, type Startable, startable } from './start-component.ts';

/** The first call on an instance that has just been made; making it does not count. */
export async function firstCallCases({ subject, files }: SubjectTask): Promise<readonly CaseMaker[]> {
  const engine = await engineOf(subject);
  const isKept = subject === 'lodge plain';
  return [
    async () => {
      const { imports, args } = leanHost(() => undefined);
      const compiled = await compile(engine, await readComponent(files['lean']), [leanSuspending]);
      const lean = startable(compiled, imports);
      const call = (instance: ComponentInstance): unknown =>
        functionOf(instance, 'wasi:http/incoming-handler@0.2.3', 'handle')(args.request(), args.outparam());
      return { component: 'lean jspi', unit: 'us', run: (count) => eachFresh(lean, count, isKept, call) };
    },
    async () => {
      const values = startable(await compile(engine, await readComponent(files['values'])), echoHost());
      const call = (instance: ComponentInstance): unknown => functionOf(instance, echoInterface, 'text')('ten bytes!');
      return { component: 'string 10 B', unit: 'us', run: (count) => eachFresh(values, count, isKept, call) };
    },
  ];
}

async function eachFresh(
  component: Startable,
  count: number,
  isKept: boolean,
  call: (instance: ComponentInstance) => unknown,
): Promise<number> {
  let elapsed = 0;
  for (let i = 0; i < count; i++) {
    const made = component.instantiate();
    const instance = made instanceof Promise ? await made : made;
    const start = performance.now();
    const answer = call(instance);
    if (answer instanceof Promise) await answer;
    elapsed += performance.now() - start;
    if (!isKept) instance.dispose();
  }
  return elapsed;
}
