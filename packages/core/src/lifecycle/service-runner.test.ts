import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHost } from '../create-host.js';
import type { GuestFunction } from '../engine.js';
import { GuestExit, WitError } from '../errors.js';
import type { Host, HostEvents } from '../host.js';
import type { InterfaceId } from '../interface-id.js';
import type { FunctionShape, InterfaceShape } from '../shape.js';
import { bytesOf, interfaceOf, MemoryEngine, shapeOf } from '../testing/memory-engine.js';

const runId = 'wasi:cli/run@0.2.0';
let host: Host | undefined;
afterEach(async () => {
  vi.useRealTimers();
  await host?.stop();
  host = undefined;
});

function runOf(id: InterfaceId, name: string, run: Partial<FunctionShape>): InterfaceShape {
  const shape = interfaceOf(id, [name]);
  const result = { kind: 'result', ok: undefined, err: undefined } as const;
  return { ...shape, functions: shape.functions.map((fn) => ({ ...fn, result, ...run })) };
}

/** A host with a service; `make` is called once per instance. */
async function serve(
  make: () => GuestFunction,
  maxRestarts = 0,
  id: 'wasi:cli/run@0.2.0' | 'test:x/y@1.0.0' = runId,
  name = 'run',
  run: Partial<FunctionShape> = {},
) {
  const engine = new MemoryEngine({
    service: { shape: shapeOf({ exports: [runOf(id, name, run)] }), create: () => ({ [id]: { [name]: make() } }) },
  });
  host = createHost({ engine });
  await host.start();
  const restarts: HostEvents['service-restart'][] = [];
  const ends: HostEvents['service-end'][] = [];
  host.on('service-restart', (event) => void restarts.push(event));
  host.on('service-end', (event) => void ends.push(event));
  const service = { source: { bytes: bytesOf('service') }, maxRestarts };
  const status = await host.workloadStart({ workloadId: 'w', workload: { namespace: 'n', name: 'w', service } });
  return { host, engine, status, restarts, ends };
}

describe('a service', () => {
  it('that returns is completed', async () => {
    const { host: running, status, ends } = await serve(() => async () => undefined);
    expect(status.state).toBe('running');
    await vi.waitFor(() => expect(running.workloadStatus('w').state).toBe('completed'));
    expect(ends).toEqual([{ workloadId: 'w', exitCode: 0 }]);
  });

  it('that exits with 0 is completed', async () => {
    const { host: running } = await serve(() => () => {
      throw new GuestExit(0);
    });
    await vi.waitFor(() => expect(running.workloadStatus('w').state).toBe('completed'));
  });

  it.each([
    ['exits with another code', new GuestExit(7), 'the service ended with exit code 7'],
    ['returns an error', new WitError(undefined), 'the service ended with exit code 1'],
    ['traps', new Error('boom'), 'the guest trapped: boom'],
  ])('that %s is an error', async (_, thrown, message) => {
    const { host: running } = await serve(() => () => Promise.reject(thrown));
    await vi.waitFor(() =>
      expect(running.workloadStatus('w')).toMatchObject({ state: 'error', message: `Workload is Error: ${message}` }),
    );
  });

  it('is restarted in a new instance after growing delays, maxRestarts times in all', async () => {
    let instances = 0;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { host: running, restarts } = await serve(() => {
      instances += 1;
      return () => Promise.reject(new Error('boom'));
    }, 3);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(instances).toBe(4);
    expect(restarts.map(({ attempt, delayMs }) => [attempt, delayMs])).toEqual([
      [1, 200],
      [2, 400],
      [3, 600],
    ]);
    expect(running.workloadStatus('w').state).toBe('error');
  });

  it('has no deadline and ends with its workload', async () => {
    const { host: running, engine } = await serve(() => () => new Promise(() => undefined));
    expect(engine.live.size).toBe(1);
    await running.workloadStop('w');
    expect(engine.live.size).toBe(0);
  });

  it('that waits for its restart ends with its workload at once', async () => {
    const { host: running, restarts } = await serve(() => () => Promise.reject(new Error('boom')), 1000);
    await vi.waitFor(() => expect(restarts).toHaveLength(1));
    const startedAt = performance.now();
    await running.workloadStop('w');
    expect(performance.now() - startedAt).toBeLessThan(150);
  });

  it('may have one other interface with a run function', async () => {
    expect((await serve(() => async () => undefined, 0, 'test:x/y@1.0.0')).status.state).toBe('running');
  });

  it('with nothing to run does not start', async () => {
    const { status } = await serve(() => async () => undefined, 0, 'test:x/y@1.0.0', 'walk');
    expect(status.message).toBe("Service must export a single interface with the 'run' function");
  });

  it.each<Partial<FunctionShape>>([
    { params: [{ name: 'argument', type: { kind: 'string' } }] },
    { result: { kind: 'u32' } },
    { result: undefined },
    { isAsync: true },
  ])('that cannot be run as a command is refused: %o', async (run) => {
    const { status } = await serve(() => async () => undefined, 0, runId, 'run', run);
    expect(status).toMatchObject({ state: 'error', error: { code: 'ERR_SIGNATURE_MISMATCH' } });
    expect(status.message).toContain('it must be func() -> result');
  });
});
