import { percentile } from '../statistics.ts';
import type { CaseMaker, SubjectTask } from './case.ts';
import { engineOf, readComponent, startable } from './start-component.ts';

/** Guests that compute without end beside the one that is measured. */
const crowds: Readonly<Record<string, number>> = { 'lodge alone': 0, 'lodge beside 1': 1, 'lodge beside 20': 20 };
/** What a spinning guest is asked for: hours of work. */
const endless = 0xffff_ffff;

/** A call in each turn of the event loop, from the turn before to its answer, the 99th of a hundred: what others on the same thread add to that. */
export async function neighbourCases({ subject, files }: SubjectTask): Promise<readonly CaseMaker[]> {
  return [
    async () => {
      const engine = await engineOf(subject);
      const compiled = await engine.compile(await readComponent(files['work']), {
        name: 'component',
        suspendingImports: new Set(),
        isInterruptible: true,
      });
      const component = startable(compiled, {});
      const call = (await component.instantiate()).exports['json'];
      if (typeof call !== 'function') throw new TypeError('the component does not export json');
      for (let index = 0; index < (crowds[subject] ?? 0); index++) {
        const spin = (await component.instantiate()).exports['bytes'];
        if (typeof spin === 'function') spin(endless).catch(() => undefined);
      }
      return {
        component: 'short call in its turn, p99',
        unit: 'ms',
        async run(count) {
          const latencies: number[] = [];
          for (let i = 0; i < count; i++) {
            const start = performance.now();
            await new Promise((resolve) => setImmediate(resolve));
            await call(1);
            latencies.push(performance.now() - start);
          }
          return percentile(latencies, 99) * count;
        },
      };
    },
  ];
}
