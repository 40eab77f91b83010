import type { CaseMaker, SubjectTask } from './case.ts';
import { functionOf } from './function-of.ts';
import { leanHost, leanSuspending } from './host-imports.ts';
import { compile, engineOf, readComponent, startable } from './start-component.ts';

const inFlight = 32;

/** The stacks that V8 gives to calls which can wait, by subject: what its process is started with. */
export const stackFlags: Readonly<Record<string, string>> = {
  'lodge, 128 KB stacks': '--wasm-stack-switching-stack-size=128',
  'lodge, 64 KB stacks': '--wasm-stack-switching-stack-size=64',
  'lodge, growable stacks': '--experimental-wasm-growable-stacks',
};

/** Calls that wait together, and end together. Each takes a stack of its own from V8, which keeps but a few megabytes of them. */
export async function suspendedCases({ subject, files }: SubjectTask): Promise<readonly CaseMaker[]> {
  return [
    async () => {
      const { imports, args } = leanHost(() => new Promise((resolve) => setImmediate(() => resolve(undefined))));
      const compiled = await compile(await engineOf(subject), await readComponent(files['lean']), [leanSuspending]);
      const component = startable(compiled, imports);
      const instances = await Promise.all(Array.from({ length: inFlight }, () => component.instantiate()));
      const handlers = instances.map((instance) => functionOf(instance, 'wasi:http/incoming-handler@0.2.3', 'handle'));
      return {
        component: `lean handler, ${inFlight} waiting`,
        unit: 'us',
        async run(count) {
          for (let done = 0; done < count; done += inFlight) {
            await Promise.all(handlers.map((handle) => handle(args.request(), args.outparam())));
          }
          return undefined;
        },
      };
    },
  ];
}
