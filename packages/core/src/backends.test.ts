import { describe, expect, it } from 'vitest';
import { type PluginBackend, startBackends, stopBackends } from './backends.js';
import { silentLogger } from './logger.js';

const context = {
  host: { id: 'host', name: 'host', version: '0.0.0' },
  logger: silentLogger,
} as unknown as Parameters<typeof startBackends>[1];

/** Writes down what happens to it. */
function backend(name: string, events: string[], failing: 'start' | 'stop' | 'never' = 'never'): PluginBackend {
  const happens = async (event: 'start' | 'stop'): Promise<void> => {
    events.push(`${event} ${name}`);
    if (event === failing) throw new Error(`no ${event} of ${name}`);
  };
  return { start: () => happens('start'), stop: () => happens('stop') };
}

describe('startBackends', () => {
  it('starts one after the other, also those that have nothing to start', async () => {
    const events: string[] = [];
    await startBackends([backend('a', events), {}, backend('b', events)], context, new AbortController());
    expect(events).toEqual(['start a', 'start b']);
  });

  it('stops those again that had started when one fails, and no other', async () => {
    const events: string[] = [];
    const backends = [backend('a', events, 'stop'), backend('b', events, 'start'), backend('c', events)];
    await expect(startBackends(backends, context, new AbortController())).rejects.toThrow('no start of b');
    expect(events).toEqual(['start a', 'start b', 'stop a']);
  });

  it('does not wait for one that goes on after an abort, and stops it when it has started after all', async () => {
    const events: string[] = [];
    const controller = new AbortController();
    const { promise: connected, resolve: connect } = Promise.withResolvers<void>();
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const slow: PluginBackend = {
      start() {
        begin();
        return connected;
      },
      stop: () => stop(),
    };
    const starting = startBackends([backend('a', events), slow], context, controller);
    await begun;
    const reason = new Error('too late');
    controller.abort(reason);
    await expect(starting).rejects.toBe(reason);
    connect();
    await stopped;
    expect(events).toEqual(['start a', 'stop a']);
  });

  it('starts nothing after an abort', async () => {
    const events: string[] = [];
    const reason = new Error('too late');
    const signal = AbortSignal.abort(reason);
    await expect(startBackends([backend('a', events)], context, { signal })).rejects.toBe(reason);
    expect(events).toEqual([]);
  });
});

describe('stopBackends', () => {
  it('stops each, whatever the others do, and tells what went wrong', async () => {
    const events: string[] = [];
    const throws: PluginBackend = {
      stop() {
        throw new Error('at once');
      },
    };
    const backends = [throws, backend('a', events, 'stop'), {}, backend('b', events)];
    await expect(stopBackends(backends, new AbortController())).rejects.toMatchObject({
      message: '2 backends failed to stop',
      errors: [new Error('at once'), new Error('no stop of a')],
    });
    expect(events).toEqual(['stop a', 'stop b']);
  });
});
