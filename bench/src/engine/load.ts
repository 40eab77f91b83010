import { setTimeout as sleep } from 'node:timers/promises';
import type { Case, CaseMaker, SubjectTask } from './case.ts';
import { leanSuspending } from './host-imports.ts';
import { compile, engineOf, readComponent } from './start-component.ts';

/** What the engine goes on doing after a load must not slow the next one. Milliseconds per megabyte. */
const pauseMsPerMb = 20;

/** From bytes to a component that can be instantiated. */
export async function loadCases({ subject, files }: SubjectTask): Promise<readonly CaseMaker[]> {
  const engine = await engineOf(subject);
  const isInterruptible = subject === 'lodge interruptible';
  const load = async (component: string, suspending: readonly string[]): Promise<Case> => {
    const bytes = await readComponent(files[component]);
    return {
      component,
      unit: 'ms',
      async run(count) {
        let elapsed = 0;
        for (let i = 0; i < count; i++) {
          const start = performance.now();
          const compiled = await compile(engine, bytes, suspending, isInterruptible);
          elapsed += performance.now() - start;
          await sleep((bytes.length / 1_000_000) * pauseMsPerMb);
          compiled.dispose();
        }
        return elapsed;
      },
    };
  };
  return [() => load('lean', [leanSuspending]), () => load('values', []), () => load('starling', [])];
}
