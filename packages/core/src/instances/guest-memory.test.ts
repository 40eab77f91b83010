import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHost } from '../create-host.js';
import { HostError } from '../errors.js';
import type { Host } from '../host.js';
import { type LogFields, type LogLevel, silentLogger } from '../logger.js';
import { greeter, specOf, startGreetingHost } from '../testing/greeting.js';
import { MemoryEngine, type Program } from '../testing/memory-engine.js';

const mib = 1_048_576;

let host: Host | undefined;
afterEach(async () => {
  vi.useRealTimers();
  await host?.stop({ drainMs: 0 });
  host = undefined;
});

/** A program of which each call waits until it is let go. */
function holding(memoryBytes: number): { program: Program; letGo(): void } {
  const waiting: (() => void)[] = [];
  const call = (): Promise<string> => new Promise((resolve) => waiting.push(() => resolve('done')));
  const program: Program = greeter(() => call);
  program.memoryBytes = memoryBytes;
  const letGo = (): void => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  return { program, letGo };
}

async function run(
  programs: Readonly<Record<string, Program>>,
  maxGuestMemoryBytes?: number,
  poolSize = 0,
  logger = silentLogger,
) {
  const options = { logger, ...(maxGuestMemoryBytes !== undefined && { maxGuestMemoryBytes }) };
  const started = await startGreetingHost(programs, options);
  host = started.host;
  for (const name of Object.keys(programs)) {
    const status = await host.workloadStart({ workloadId: name, workload: specOf([{ name, poolSize }]) });
    expect(status.state).toBe('running');
  }
  const handles = started.caller.resolved.map(
    (workload) => workload.exports('test:greeting/greet@1.0.0', 'say-hello')[0] ?? expect.unreachable(),
  );
  const call = (index = 0): Promise<unknown> => (handles[index] ?? expect.unreachable()).call({ args: () => [] });
  return { ...started, host: started.host, call };
}

const refused = expect.objectContaining({ code: 'ERR_LIMIT_EXCEEDED' });

describe('a ceiling on guest memory', () => {
  it('refuses the instance that does not fit, says how much is held, and lets calls in again when others have ended', async () => {
    const { program, letGo } = holding(4 * mib);
    const { call, host: running } = await run({ main: program }, 10 * mib);
    const first = [call(), call()];
    const error = await call().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'ERR_LIMIT_EXCEEDED',
      details: { component: 'main', guestMemoryBytes: 8 * mib, maxGuestMemoryBytes: 10 * mib },
    });
    expect(HostError.is(error) && error.message).toContain('hold 8388608 of 10485760 bytes');
    letGo();
    expect(await Promise.all(first)).toEqual(['done', 'done']);
    const next = call();
    letGo();
    expect(await next).toBe('done');
    expect(running.usage()).toMatchObject({ guestMemoryBytes: 0, maxGuestMemoryBytes: 10 * mib });
  });

  it('refuses a first instance that is larger than the ceiling, and leaves nothing of it behind', async () => {
    const { program } = holding(2 * mib);
    const { call, engine, host: running } = await run({ main: program }, mib);
    await expect(call()).rejects.toEqual(refused);
    expect(engine.live.size).toBe(0);
    expect(running.usage()).toMatchObject({
      guestMemoryBytes: 0,
      workloads: [{ workloadId: 'main', instances: 0, guestMemoryBytes: 0 }],
    });
  });

  it('says in the log that it is reached once for many refusals', async () => {
    const { program } = holding(2 * mib);
    const lines: [LogLevel, string, LogFields | undefined][] = [];
    const logger = { log: (...line: [LogLevel, string, LogFields?]) => void lines.push([line[0], line[1], line[2]]) };
    const { call } = await run({ main: program }, mib, 0, logger);
    await Promise.allSettled(Array.from({ length: 100 }, () => call()));
    const loud = lines.filter(([level]) => level === 'warn' || level === 'error');
    expect(loud).toMatchObject([
      ['warn', 'guest memory is full: calls are refused', { workload: 'main', refusals: 1 }],
    ]);
  });

  it('is one for all workloads', async () => {
    const one = holding(4 * mib);
    const other = holding(4 * mib);
    const { call } = await run({ one: one.program, other: other.program }, 6 * mib);
    const first = call(0);
    await expect(call(1)).rejects.toEqual(refused);
    one.letGo();
    await first;
    const second = call(1);
    other.letGo();
    expect(await second).toBe('done');
  });

  it('takes the warm instances that nobody uses before it refuses', async () => {
    const one = holding(4 * mib);
    const other = holding(4 * mib);
    const { call, engine } = await run({ one: one.program, other: other.program }, 6 * mib, 1);
    const first = call(0);
    one.letGo();
    await first;
    expect(engine.live.size).toBe(1);
    const second = call(1);
    other.letGo();
    expect(await second).toBe('done');
    expect(engine.live.size).toBe(1);
  });

  it('ends the call of a guest that grows past it while it waits, and no other', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const calm = holding(4 * mib);
    const greedy = holding(mib);
    const { call, engine } = await run({ calm: calm.program, greedy: greedy.program }, 6 * mib);
    const first = call(0);
    const second = call(1);
    const failed = expect(second).rejects.toMatchObject({
      code: 'ERR_LIMIT_EXCEEDED',
      message: expect.stringContaining('no room for the memory that was asked for'),
    });
    greedy.program.memoryBytes = 3 * mib;
    await vi.advanceTimersByTimeAsync(50);
    await failed;
    calm.letGo();
    expect(await first).toBe('done');
    expect(engine.live.size).toBe(0);
  });

  it('ends as many growing guests as must be, not all of them', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { program, letGo } = holding(mib);
    const { call } = await run({ main: program }, 8 * mib);
    const calls = Array.from({ length: 6 }, () => call().catch(() => 'ended'));
    program.memoryBytes = 2 * mib;
    await vi.advanceTimersByTimeAsync(50);
    letGo();
    expect((await Promise.all(calls)).toSorted()).toEqual(['done', 'done', 'done', 'done', 'ended', 'ended']);
  });

  it('lets go of no warm instance where all of them would not make enough room', async () => {
    const full = holding(4 * mib);
    const warm = holding(mib);
    const { call, engine } = await run({ full: full.program, warm: warm.program }, 6 * mib, 1);
    const ended = call(1);
    warm.letGo();
    await ended;
    const running = call(0);
    expect(engine.live.size).toBe(2);
    await expect(call(0)).rejects.toEqual(refused);
    expect(engine.live.size).toBe(2);
    full.letGo();
    await running;
  });

  it('lets go of the warm instances of one workload after the other, until there is room', async () => {
    const warm = [holding(2 * mib), holding(2 * mib), holding(2 * mib)];
    const large = holding(4 * mib);
    const programs = Object.fromEntries([...warm, large].map(({ program }, index) => [`p${index}`, program]));
    const { call, host: running } = await run(programs, 6 * mib, 1);
    const ended = warm.map((_, index) => call(index));
    for (const { letGo } of warm) letGo();
    await Promise.all(ended);
    const last = call(3);
    expect(running.usage().workloads.map(({ instances }) => instances)).toEqual([0, 0, 1, 1]);
    large.letGo();
    expect(await last).toBe('done');
  });

  it('has no timer while all instances are idle', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { program, letGo } = holding(mib);
    const { caller, engine } = await run({ main: program }, 4 * mib, 1);
    // A deadline would be a timer of its own.
    const ended = caller.call({ deadlineMs: Infinity });
    await vi.advanceTimersByTimeAsync(200);
    expect(vi.getTimerCount()).toBe(1);
    letGo();
    await ended;
    await vi.advanceTimersByTimeAsync(50);
    expect(engine.live.size).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends a later call of a warm instance that grows past it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { program, letGo } = holding(mib);
    const { call } = await run({ main: program }, 4 * mib, 1);
    const first = call();
    letGo();
    await first;
    await vi.advanceTimersByTimeAsync(200);
    const failed = expect(call()).rejects.toEqual(refused);
    await vi.advanceTimersByTimeAsync(200);
    program.memoryBytes = 5 * mib;
    await vi.advanceTimersByTimeAsync(50);
    await failed;
  });

  it('ends a call that grows past it in work that goes on after the return', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { program } = holding(mib);
    const { caller } = await run({ main: program }, 4 * mib, 1);
    const [workload = expect.unreachable()] = caller.resolved;
    await workload.useInstance('main', () => undefined);
    await vi.advanceTimersByTimeAsync(200);
    const used = workload.useInstance('main', (_, scope) => scope.waitUntil(new Promise(() => {})));
    const failed = expect(used).rejects.toEqual(refused);
    program.memoryBytes = 5 * mib;
    await vi.advanceTimersByTimeAsync(50);
    await failed;
  });

  it('refuses nothing when a call ends well on an instance that has grown past it', async () => {
    const { program, letGo } = holding(mib);
    const lines: string[] = [];
    const logger = { log: (level: LogLevel, message: string) => void (level === 'warn' && lines.push(message)) };
    const { call } = await run({ main: program }, 4 * mib, 1, logger);
    const first = call();
    program.memoryBytes = 5 * mib;
    letGo();
    expect(await first).toBe('done');
    expect(lines).toEqual([]);
  });

  it('does not keep a warm instance that has grown past it', async () => {
    const { program, letGo } = holding(mib);
    const { call, engine, host: running } = await run({ main: program }, 4 * mib, 1);
    const first = call();
    program.memoryBytes = 5 * mib;
    letGo();
    expect(await first).toBe('done');
    expect(engine.live.size).toBe(0);
    expect(running.usage().guestMemoryBytes).toBe(0);
  });

  it('counts every byte once over thousands of calls that end in all ways', async () => {
    let count = 0;
    const program = greeter(() => () => {
      count += 1;
      if (count % 3 === 0) throw new Error('boom');
      return count % 3 === 1 ? 'now' : Promise.resolve('later');
    });
    program.memoryBytes = mib;
    const { call, host: running } = await run({ main: program }, 16 * mib, 2);
    for (let round = 0; round < 300; round += 1) {
      await Promise.allSettled(Array.from({ length: 10 }, () => call()));
    }
    const { guestMemoryBytes, workloads } = running.usage();
    expect(guestMemoryBytes).toBe((workloads[0]?.instances ?? -1) * mib);
    expect(workloads[0]?.instances).toBeLessThanOrEqual(2);
    await running.workloadStop('main');
    expect(running.usage()).toEqual({ guestMemoryBytes: 0, maxGuestMemoryBytes: 16 * mib, workloads: [] });
  });

  it.each([0, -1, Number.NaN])('of %s bytes is none', (maxGuestMemoryBytes) => {
    expect(() => createHost({ engine: new MemoryEngine({}), maxGuestMemoryBytes })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_INVALID', details: { path: 'maxGuestMemoryBytes' } }),
    );
  });
});

describe('the use of guest memory', () => {
  it('is told by workload, as it is at that moment, without a ceiling too', async () => {
    const one = holding(mib);
    const other = holding(2 * mib);
    const { call, host: running } = await run({ one: one.program, other: other.program });
    const calls = [call(0), call(0), call(1)];
    other.program.memoryBytes = 3 * mib;
    expect(running.usage()).toEqual({
      guestMemoryBytes: 5 * mib,
      workloads: [
        { workloadId: 'one', instances: 2, guestMemoryBytes: 2 * mib },
        { workloadId: 'other', instances: 1, guestMemoryBytes: 3 * mib },
      ],
    });
    one.letGo();
    other.letGo();
    await Promise.all(calls);
    expect(running.usage().guestMemoryBytes).toBe(0);
  });
});
