import {
  createHost,
  type ExportHandle,
  type Host,
  type HostOptions,
  type HostPlugin,
  type LocalResources,
  type ResolvedWorkload,
} from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { watComponent } from '@lodge-internal/fixtures';
import { expect } from 'vitest';

const interfaceId = 'test:guest/calls@1.0.0';

/** Computes without end, adds one, or asks for more pages of memory and says what it got. */
const guest = `(component
  (core module $m
    (memory 1)
    (func (export "spin") (loop $l (br $l)))
    (func (export "add-one") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
  (core instance $i (instantiate $m))
  (func $spin (canon lift (core func $i "spin")))
  (func $add-one (param "n" u32) (result u32) (canon lift (core func $i "add-one")))
  (func $grow (param "pages" u32) (result s32) (canon lift (core func $i "grow")))
  (instance $calls (export "spin" (func $spin)) (export "add-one" (func $add-one)) (export "grow" (func $grow)))
  (export "${interfaceId}" (instance $calls)))`;

/** How {@link runGuest} starts its workload. */
export interface GuestOptions {
  /** Whether a loader brings the component, or the spec has its bytes. */
  readonly from: 'image' | 'bytes';
  readonly host?: Partial<HostOptions>;
  readonly localResources?: LocalResources;
}

/** The guest in a workload of a host, as a plugin calls it. */
export interface RunningGuest extends AsyncDisposable {
  readonly host: Host;
  call(name: 'spin' | 'add-one' | 'grow', args?: readonly unknown[], deadlineMs?: number): Promise<unknown>;
  /** Whether each of its calls answers with a promise, as those of a guest that gives way to others do. */
  givesWay(): Promise<boolean>;
}

/** Starts a host with the guest. */
export async function runGuest({ from, host: hostOptions, localResources }: GuestOptions): Promise<RunningGuest> {
  const bytes = await watComponent(guest);
  const resolved = Promise.withResolvers<ResolvedWorkload>();
  const caller: HostPlugin<undefined> = {
    specVersion: 1,
    id: 'caller',
    world: { provides: [], calls: [{ id: interfaceId }] },
    onWorkloadBind: async () => undefined,
    bindComponent: async () => ({ importsFor: () => ({}) }),
    onWorkloadResolved: async (workload) => resolved.resolve(workload),
    onWorkloadUnbind: async () => undefined,
  };
  const host = createHost({ engine: lodgeEngine(), plugins: [caller], loader: async () => bytes, ...hostOptions });
  await host.start();
  const source = from === 'image' ? { image: 'test/guest' } : { bytes };
  const components = [{ name: 'guest', source, ...(localResources && { localResources }) }];
  const hostInterfaces = [{ namespace: 'test', package: 'guest', interfaces: ['calls'] }];
  const workload = { namespace: 'test', name: 'guest', components, hostInterfaces };
  const status = await host.workloadStart({ workloadId: 'guest', workload });
  expect(status.message).toBe('Workload started successfully');
  const running = await resolved.promise;
  const handleOf = (name: string): ExportHandle => {
    const [handle] = running.exports(interfaceId, name);
    if (handle === undefined) throw new Error(`the guest has no ${name}`);
    return handle;
  };
  return {
    host,
    call: (name, args = [], deadlineMs = 60_000) => handleOf(name).call({ args: () => args, deadlineMs }),
    givesWay: () =>
      running.useInstance('guest', async (exports) => {
        const calls = exports[interfaceId];
        const result = typeof calls === 'object' ? calls['addOne']?.(1) : undefined;
        expect(await result).toBe(2);
        return result instanceof Promise;
      }),
    [Symbol.asyncDispose]: () => host.stop(),
  };
}
