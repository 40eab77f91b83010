import { createHost } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { inMemoryHttp } from '@lodge/plugin-http/in-memory';
import { wasi } from '@lodge/wasi';
import { functionOf } from '../engine/function-of.ts';
import { leanHost, leanSuspending } from '../engine/host-imports.ts';
import { compile, engineOf, readComponent, type Startable, startable } from '../engine/start-component.ts';
import { httpWorkload } from '../http/workload.ts';

/** Does something `count` times at full rate; answers the longest time between two of them, in milliseconds. */
export type Work = (count: number) => Promise<number>;

const interfaceName = 'wasi:http/incoming-handler@0.2.3';

/**
 * A new instance, one call on it.
 *
 * @param isKept whether the instance is not given back but left to the collector
 */
export async function freshInstances(file: string, isKept: boolean): Promise<Work> {
  const { component, args } = await lean(file, isKept ? 'lodge plain' : 'lodge');
  return repeated(async () => {
    const instance = await component.instantiate();
    await functionOf(instance, interfaceName, 'handle')(args.request(), args.outparam());
    if (!isKept) instance.dispose();
  });
}

/** Calls on one instance. */
export async function warmCalls(file: string): Promise<Work> {
  const { component, args } = await lean(file);
  const handle = functionOf(await component.instantiate(), interfaceName, 'handle');
  return repeated(() => handle(args.request(), args.outparam()));
}

/** Requests through a whole host, without a socket. */
export async function httpRequests(file: string, poolSize: number): Promise<Work> {
  const http = inMemoryHttp();
  const host = createHost({ engine: lodgeEngine(), plugins: [wasi(), http] });
  await host.start();
  const status = await host.workloadStart({
    workloadId: 'bench',
    workload: httpWorkload(await readComponent(file), poolSize),
  });
  if (status.state !== 'running') throw new Error(status.message);
  return repeated(async () => {
    const response = await http.fetch('http://bench.example/');
    if ((await response.text()) !== 'hello world') throw new Error(`the answer was ${response.status}`);
  });
}

function repeated(once: () => unknown): Work {
  return async (count) => {
    let longest = 0;
    let last = performance.now();
    for (let i = 0; i < count; i++) {
      await once();
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
    return longest;
  };
}

async function lean(
  file: string,
  subject = 'lodge',
): Promise<{ component: Startable; args: ReturnType<typeof leanHost>['args'] }> {
  const { imports, args } = leanHost(() => undefined);
  const compiled = await compile(await engineOf(subject), await readComponent(file), [leanSuspending]);
  return { component: startable(compiled, imports), args };
}
