import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHost } from '../create-host.js';
import type { Host, HostOptions } from '../host.js';
import type { InterfaceId } from '../interface-id.js';
import type { HostPlugin } from '../plugin.js';
import { counter, greeter, specOf, startGreetingHost } from '../testing/greeting.js';
import { bytesOf, interfaceOf, MemoryEngine, type Program, shapeOf } from '../testing/memory-engine.js';
import { recordingPlugin } from '../testing/recording-plugin.js';
import type { WorkloadSpec } from '../workload.js';

const ids: InterfaceId[] = ['test:a/a@1.0.0', 'test:b/b@1.0.0', 'test:c/c@1.0.0'];
const importer: Program = {
  shape: shapeOf({ imports: ids.map((id) => interfaceOf(id, ['get'])) }),
  create: () => ({}),
};
const imageSpec = (image = 'registry/app:1'): WorkloadSpec => ({
  namespace: 'n',
  name: 'w',
  components: [{ name: 'main', source: { image } }],
});

let host: Host | undefined;
afterEach(async () => {
  await host?.stop({ drainMs: 0, cleanupMs: 50 }).catch(() => undefined);
  host = undefined;
});

async function hostWith(options: Partial<HostOptions> = {}): Promise<Host> {
  host = createHost({ engine: new MemoryEngine({ main: counter(), importer }), ...options });
  await host.start();
  return host;
}

/** Three plugins in order, `a`, `b`, `c`, with what one of them does differently. */
function recording(order: string[], name: string, overrides: Partial<HostPlugin>): HostPlugin[] {
  return ['a', 'b', 'c'].map((plugin, index) =>
    recordingPlugin(plugin, ids[index] ?? 'x:y/z', order, plugin === name ? overrides : {}),
  );
}

const never = <T>(): Promise<T> => new Promise(() => undefined);
const empty: WorkloadSpec = { namespace: 'n', name: 'empty' };

describe('replies', () => {
  it('an empty workload starts and runs', async () => {
    const running = await hostWith();
    expect(await running.workloadStart({ workloadId: 'w', workload: empty })).toEqual({
      workloadId: 'w',
      state: 'running',
      message: 'Workload started successfully',
    });
    expect(running.workloadStatus('w')).toEqual({ workloadId: 'w', state: 'running', message: 'Workload is Running' });
  });

  it('an id in use is refused and the workload under it untouched', async () => {
    const running = await hostWith();
    await running.workloadStart({ workloadId: 'w', workload: empty });
    expect(await running.workloadStart({ workloadId: 'w', workload: empty })).toMatchObject({
      state: 'error',
      message: 'Workload ID [w] already exists (the exising workload must be stopped to reuse the ID)',
      error: { code: 'ERR_WORKLOAD_EXISTS' },
    });
    expect(running.workloadStatus('w').state).toBe('running');
  });

  it('one of two concurrent starts of an id wins', async () => {
    const running = await hostWith();
    const start = () => running.workloadStart({ workloadId: 'w', workload: empty });
    const states = (await Promise.all([start(), start(), start()])).map(({ state }) => state);
    expect(states).toEqual(['running', 'error', 'error']);
  });

  it('a stop answers stopping and frees the id', async () => {
    const running = await hostWith();
    await running.workloadStart({ workloadId: 'w', workload: empty });
    expect(await running.workloadStop('w')).toEqual({
      workloadId: 'w',
      state: 'stopping',
      message: 'Workload stopped successfully',
    });
    expect(running.workloadStatus('w')).toEqual({
      workloadId: 'w',
      state: 'not-found',
      message: 'Workload not found: w',
    });
    expect((await running.workloadStart({ workloadId: 'w', workload: empty })).state).toBe('running');
  });

  it('an unknown id is not found, and asking makes no entry', async () => {
    const running = await hostWith();
    expect(await running.workloadStop('w')).toEqual({
      workloadId: 'w',
      state: 'not-found',
      message: 'Workload not found',
    });
    expect(running.heartbeat().workloadCount).toBe(0);
  });

  it.each(['', 'x'.repeat(513)])('an id of length %# out of bounds is refused', async (workloadId) => {
    const running = await hostWith();
    const status = await running.workloadStart({ workloadId, workload: empty });
    expect(status).toMatchObject({
      state: 'error',
      error: { code: 'ERR_SPEC_INVALID', details: { path: 'workloadId' } },
    });
    expect(running.heartbeat().workloadCount).toBe(0);
  });

  it('ids may be the names of prototype members', async () => {
    const running = await hostWith();
    expect(running.workloadStatus('__proto__').state).toBe('not-found');
    expect((await running.workloadStart({ workloadId: '__proto__', workload: empty })).state).toBe('running');
  });
});

describe('a failing start', () => {
  it('frees the id when the spec is invalid', async () => {
    const running = await hostWith();
    const workload = { ...empty, nmae: 'x' } as WorkloadSpec;
    expect(await running.workloadStart({ workloadId: 'w', workload })).toMatchObject({
      state: 'error',
      error: { code: 'ERR_SPEC_INVALID', details: { path: 'nmae' } },
    });
    expect(running.workloadStatus('w').state).toBe('not-found');
  });

  it('frees the id when bytes cannot be loaded, with the component, the reference and the causes in its message', async () => {
    const loader = () => Promise.reject(new Error('pull failed', { cause: new Error('connection refused') }));
    const running = await hostWith({ loader });
    const status = await running.workloadStart({ workloadId: 'w', workload: imageSpec() });
    expect(status).toMatchObject({
      state: 'error',
      message: "failed to pull image for component 'main': registry/app:1: pull failed: connection refused",
    });
    expect(running.workloadStatus('w').state).toBe('not-found');
  });

  it('says that a loader is missing', async () => {
    const status = await (await hostWith()).workloadStart({ workloadId: 'w', workload: imageSpec() });
    expect(status.message).toContain('the host has no loader');
  });

  it('gives up the other downloads after the first failure', async () => {
    const signals: AbortSignal[] = [];
    const loader: HostOptions['loader'] = (source, { signal }) => {
      signals.push(signal);
      return source.image === 'bad' ? Promise.reject(new Error('no')) : never();
    };
    const components = ['good', 'bad'].map((image) => ({ name: image, source: { image } }));
    const status = await (await hostWith({ loader })).workloadStart({
      workloadId: 'w',
      workload: { ...empty, components },
    });
    expect(status.state).toBe('error');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  it('keeps the id in error until it is stopped when the component is invalid', async () => {
    const running = await hostWith();
    const status = await running.workloadStart({ workloadId: 'w', workload: specOf(['nonsense']) });
    expect(status).toMatchObject({ state: 'error', message: "component 'nonsense': the bytes are no program" });
    expect(running.workloadStatus('w').message).toBe(
      "Workload is Error: component 'nonsense': the bytes are no program",
    );
    expect((await running.workloadStart({ workloadId: 'w', workload: empty })).error?.code).toBe('ERR_WORKLOAD_EXISTS');
    expect((await running.workloadStop('w')).state).toBe('stopping');
    expect((await running.workloadStart({ workloadId: 'w', workload: empty })).state).toBe('running');
  });

  it('unbinds what was bound, newest first, but not the plugin whose bind threw', async () => {
    const order: string[] = [];
    const plugins = recording(order, 'c', { onWorkloadBind: () => Promise.reject(new Error('no')) });
    const running = await hostWith({ plugins });
    const status = await running.workloadStart({ workloadId: 'w', workload: specOf(['importer']) });
    expect(status).toMatchObject({
      state: 'error',
      message: "plugin 'c' failed in onWorkloadBind: no",
      error: { code: 'ERR_PLUGIN_FAILED' },
    });
    expect(order.slice(3)).toEqual(['a bind', 'a bindComponent', 'b bind', 'b bindComponent', 'b unbind', 'a unbind']);
    await running.workloadStop('w');
    expect(order.filter((entry) => entry.endsWith('unbind'))).toHaveLength(2);
  });

  it('unbinds also the plugin whose bindComponent threw', async () => {
    const order: string[] = [];
    const plugins = recording(order, 'b', {
      bindComponent: () => {
        throw new Error('no');
      },
    });
    await (await hostWith({ plugins })).workloadStart({ workloadId: 'w', workload: specOf(['importer']) });
    expect(order.slice(-2)).toEqual(['b unbind', 'a unbind']);
  });

  it('unbinds all and lets go of what was compiled when onWorkloadResolved threw', async () => {
    const order: string[] = [];
    const engine = new MemoryEngine({ importer });
    const plugins = recording(order, 'b', { onWorkloadResolved: () => Promise.reject(new Error('no')) });
    await (await hostWith({ engine, plugins })).workloadStart({ workloadId: 'w', workload: specOf(['importer']) });
    expect(order.slice(-4)).toEqual(['a resolved', 'c unbind', 'b unbind', 'a unbind']);
    expect(engine.disposedCompilations).toBe(1);
  });

  it('goes on unbinding over an unbind that throws', async () => {
    const order: string[] = [];
    const plugins = recording(order, 'b', { onWorkloadUnbind: () => Promise.reject(new Error('no')) });
    const running = await hostWith({ plugins });
    await running.workloadStart({ workloadId: 'w', workload: specOf(['importer']) });
    expect((await running.workloadStop('w')).state).toBe('stopping');
    expect(order.slice(-2)).toEqual(['c unbind', 'a unbind']);
  });
});

describe('the turn of a start', () => {
  it('is awaited with the id reserved, before anything is loaded', async () => {
    const turn = Promise.withResolvers<void>();
    const loader = vi.fn(async () => bytesOf('main'));
    const running = await hostWith({ loader });
    const start = running.workloadStart({ workloadId: 'w', workload: imageSpec() }, { turn: () => turn.promise });
    expect(running.workloadStatus('w').state).toBe('starting');
    expect((await running.workloadStart({ workloadId: 'w', workload: empty })).error?.code).toBe('ERR_WORKLOAD_EXISTS');
    expect(loader).not.toHaveBeenCalled();
    turn.resolve();
    expect((await start).state).toBe('running');
    expect(loader).toHaveBeenCalledOnce();
  });

  it('ends with a stop, and nothing is loaded', async () => {
    const loader = vi.fn(async () => bytesOf('main'));
    const running = await hostWith({ loader });
    const turn = vi.fn((_signal: AbortSignal) => never<void>());
    const start = running.workloadStart({ workloadId: 'w', workload: imageSpec() }, { turn });
    await running.workloadStop('w');
    expect((await start).message).toBe('Workload was stopped while starting');
    expect(turn.mock.calls[0]?.[0].aborted).toBe(true);
    expect(loader).not.toHaveBeenCalled();
    expect(running.workloadStatus('w').state).toBe('not-found');
  });

  it('fails the start and frees the id when it rejects', async () => {
    const running = await hostWith();
    const turn = () => Promise.reject(new Error('the line is too long'));
    const status = await running.workloadStart({ workloadId: 'w', workload: empty }, { turn });
    expect([status.state, status.message]).toEqual(['error', 'something in the host failed: the line is too long']);
    expect(running.workloadStatus('w').state).toBe('not-found');
  });
});

describe('a stop during a start', () => {
  it('wins over a loader that never answers', async () => {
    const running = await hostWith({ loader: () => never() });
    const start = running.workloadStart({ workloadId: 'w', workload: imageSpec() });
    expect(await running.workloadStop('w')).toMatchObject({ state: 'stopping' });
    expect(await start).toEqual({ workloadId: 'w', state: 'stopping', message: 'Workload was stopped while starting' });
    expect(running.workloadStatus('w').state).toBe('not-found');
  });

  it('releases what was bound so far', async () => {
    const order: string[] = [];
    const bind = (_: unknown, __: unknown, { signal }: { signal: AbortSignal }): Promise<never> =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const running = await hostWith({ plugins: recording(order, 'c', { onWorkloadBind: bind }) });
    const start = running.workloadStart({ workloadId: 'w', workload: specOf(['importer']) });
    await vi.waitFor(() => expect(order).toContain('b bindComponent'));
    await running.workloadStop('w');
    expect((await start).message).toBe('Workload was stopped while starting');
    expect(order.slice(-2)).toEqual(['b unbind', 'a unbind']);
  });

  it('unbinds a plugin that answers after it was left behind', async () => {
    const order: string[] = [];
    let answer = (): void => undefined;
    const onWorkloadBind = () => new Promise<void>((resolve) => (answer = resolve));
    const running = await hostWith({ plugins: recording(order, 'c', { onWorkloadBind }) });
    const start = running.workloadStart({ workloadId: 'w', workload: specOf(['importer']) });
    await vi.waitFor(() => expect(order).toContain('b bindComponent'));
    await running.workloadStop('w');
    expect((await start).state).toBe('stopping');
    expect(order).not.toContain('c unbind');
    answer();
    await vi.waitFor(() => expect(order).toContain('c unbind'));
  });

  it('keeps the id reserved until the start has released everything', async () => {
    let release = (): void => undefined;
    const onWorkloadUnbind = () => new Promise<void>((resolve) => (release = resolve));
    const order: string[] = [];
    const running = await hostWith({
      plugins: recording(order, 'b', { onWorkloadUnbind, onWorkloadResolved: () => never() }),
    });
    const start = running.workloadStart({ workloadId: 'w', workload: specOf(['importer']) });
    await vi.waitFor(() => expect(order).toContain('a resolved'));
    await running.workloadStop('w');
    await vi.waitFor(() => expect(order).toContain('c unbind'), { timeout: 3000 });
    expect((await running.workloadStart({ workloadId: 'w', workload: empty })).error?.code).toBe('ERR_WORKLOAD_EXISTS');
    expect((await running.workloadStop('w')).state).toBe('stopping');
    expect(running.workloadStatus('w').state).toBe('stopping');
    release();
    await start;
    expect((await running.workloadStart({ workloadId: 'w', workload: empty })).state).toBe('running');
  });
});

describe('a stop', () => {
  it('lets running calls finish and takes no new ones', async () => {
    let finish = (): void => undefined;
    const {
      host: running,
      caller,
      engine,
    } = await startGreetingHost({
      main: greeter(() => () => new Promise<string>((resolve) => (finish = () => resolve('done')))),
    });
    host = running;
    await running.workloadStart({ workloadId: 'w', workload: specOf(['main']) });
    const call = caller.call();
    const stop = running.workloadStop('w');
    await expect(caller.call()).rejects.toMatchObject({ code: 'ERR_WORKLOAD_STOPPED' });
    finish();
    expect(await call).toBe('done');
    await stop;
    expect(engine.live.size).toBe(0);
  });

  it('ends calls that are not done when the drain is over', async () => {
    const { host: running, caller, engine } = await startGreetingHost({ main: greeter(() => () => never()) });
    host = running;
    await running.workloadStart({ workloadId: 'w', workload: specOf(['main']) });
    const call = caller.call();
    call.catch(() => undefined);
    await running.workloadStop('w', { drainMs: 5 });
    await expect(call).rejects.toMatchObject({ code: 'ERR_WORKLOAD_STOPPED' });
    expect(engine.live.size).toBe(0);
  });

  it('ends warm instances before plugins unbind, and waits for their clean-ups', async () => {
    const order: string[] = [];
    const plugin = recordingPlugin('a', ids[0] ?? 'x:y/z', order);
    const { host: running, caller } = await startGreetingHost(
      {
        main: {
          shape: shapeOf({ imports: [interfaceOf('test:a/a@1.0.0', ['get'])], exports: counter().shape.exports }),
          create: (imports) => counter().create(imports),
        },
      },
      { plugins: [plugin] },
    );
    host = running;
    await running.workloadStart({ workloadId: 'w', workload: specOf([{ name: 'main', poolSize: 1 }]) });
    await caller.call({
      args: ({ instance }) => {
        instance.defer(async () => {
          await new Promise((resolve) => setImmediate(resolve));
          order.push('cleaned');
        });
        return [];
      },
    });
    await running.workloadStop('w');
    expect(order.slice(-2)).toEqual(['cleaned', 'a unbind']);
  });

  it('is not held up by a clean-up or an unbind that never settles', async () => {
    const order: string[] = [];
    const running = await hostWith({ plugins: recording(order, 'b', { onWorkloadUnbind: () => never() }) });
    await running.workloadStart({ workloadId: 'w', workload: specOf(['importer']) });
    expect((await running.workloadStop('w', { cleanupMs: 20 })).state).toBe('stopping');
    expect(order.slice(-2)).toEqual(['c unbind', 'a unbind']);
  });

  it('aborts the signal that plugins were given with the workload', async () => {
    const { host: running, caller } = await startGreetingHost({ main: counter() });
    host = running;
    await running.workloadStart({ workloadId: 'w', workload: specOf(['main']) });
    expect(caller.resolved[0]?.signal.aborted).toBe(false);
    await running.workloadStop('w');
    expect(caller.resolved[0]?.signal.aborted).toBe(true);
  });
});

describe('fail', () => {
  it('moves a running workload to error and releases it; the id stays until a stop', async () => {
    const { host: running, caller, engine } = await startGreetingHost({ main: counter() });
    host = running;
    await running.workloadStart({ workloadId: 'w', workload: specOf([{ name: 'main', poolSize: 1 }]) });
    await caller.call();
    caller.resolved[0]?.fail(new Error('subscription lost'));
    expect(running.workloadStatus('w')).toMatchObject({
      state: 'error',
      message: expect.stringContaining('subscription lost'),
    });
    await vi.waitFor(() => expect(engine.live.size).toBe(0));
    expect(running.heartbeat()).toMatchObject({ workloadCount: 1, componentCount: 0 });
    await running.workloadStop('w');
    expect(running.heartbeat().workloadCount).toBe(0);
  });
});

describe('events', () => {
  it('tell every state, are structured-cloneable, and survive a listener that throws', async () => {
    const running = await hostWith();
    const states: string[] = [];
    running.on('workload', () => {
      throw new Error('broken listener');
    });
    const off = running.on('workload', (event) => void states.push(structuredClone(event).state));
    await running.workloadStart({ workloadId: 'w', workload: empty });
    await running.workloadStop('w');
    off();
    await running.workloadStart({ workloadId: 'w', workload: empty });
    expect(states).toEqual(['starting', 'running', 'stopping', 'not-found']);
  });
});
