import { afterEach, describe, expect, it } from 'vitest';
import type { ComponentBinding, Host, HostPlugin, InstanceScope } from '../src/index.js';
import { counter, greetId, specOf, startGreetingHost } from '../src/testing/greeting.js';
import { interfaceOf, type Program, shapeOf } from '../src/testing/memory-engine.js';

const pollId = 'test:poll/poll@0.2.0';
const backId = 'test:back/back@1.0.0';

/** Answers greetings by asking another component. */
const front: Program = {
  shape: shapeOf({ imports: [interfaceOf(backId, ['count'])], exports: [interfaceOf(greetId, ['say-hello'])] }),
  create: (imports) => ({ [greetId]: { sayHello: () => (imports[backId] as { count(): number }).count() } }),
};

const back: Program = {
  shape: shapeOf({
    imports: [interfaceOf(pollId, ['block', 'ready', 'wait'])],
    exports: [interfaceOf(backId, ['count'])],
  }),
  create: () => {
    let calls = 0;
    return { [backId]: { count: () => ++calls } };
  },
};

/** Gives out `poll` and keeps the scopes it was asked for. */
function pollPlugin(scopes: InstanceScope[], suspends?: readonly string[]): HostPlugin {
  return {
    specVersion: 1,
    id: 'poll',
    world: { provides: [{ id: pollId, suspends: ['block', 'wait', 'absent'], isAmbient: true }] },
    onWorkloadBind: async () => undefined,
    bindComponent: async (): Promise<ComponentBinding> => {
      const importsFor = (scope: InstanceScope) => {
        scopes.push(scope);
        return { [pollId]: {} };
      };
      return suspends === undefined ? { importsFor } : { importsFor, suspends };
    },
    onWorkloadUnbind: async () => undefined,
  };
}

let host: Host | undefined;
afterEach(async () => {
  await host?.stop();
  host = undefined;
});

async function run(
  components: Parameters<typeof specOf>[0],
  scopes: InstanceScope[] = [],
  suspends?: readonly string[],
) {
  const started = await startGreetingHost(
    { front, back, main: counter() },
    { plugins: [pollPlugin(scopes, suspends)] },
  );
  host = started.host;
  const status = await host.workloadStart({ workloadId: 'w', workload: specOf(components) });
  expect(status.state).toBe('running');
  return started;
}

describe('a linked component', () => {
  it('keeps its own identity in the scope that its plugins are given', async () => {
    const scopes: InstanceScope[] = [];
    const { caller } = await run(['front', 'back'], scopes);
    await caller.call();
    expect(scopes.map(({ component }) => component.name)).toEqual(['back']);
    expect(scopes[0]?.id).toBe('w/front/1/back');
  });

  it('ends with the graph it is part of', async () => {
    const scopes: InstanceScope[] = [];
    const { caller } = await run(['front', 'back'], scopes);
    let isCleaned = false;
    const args = (): readonly unknown[] => {
      scopes[0]?.defer(() => {
        isCleaned = true;
      });
      return [];
    };
    await caller.call({ args });
    expect(isCleaned).toBe(true);
    expect(scopes[0]?.signal.aborted).toBe(true);
  });

  it('keeps the whole graph cold unless it has opted in to a pool too', async () => {
    const { caller } = await run([{ name: 'front', poolSize: 1 }, 'back']);
    expect([await caller.call(), await caller.call()]).toEqual([1, 1]);
  });

  it('is warm with its graph when both have opted in', async () => {
    const { caller } = await run(['front', 'back'].map((name) => ({ name, poolSize: 1 })));
    expect([await caller.call(), await caller.call()]).toEqual([1, 2]);
  });

  it('cannot be called on its own', async () => {
    const { caller } = await run(['front', 'back']);
    const use = caller.resolved[0]?.useInstance('back', () => 1);
    await expect(use).rejects.toMatchObject({ code: 'ERR_COMPONENT_NOT_FOUND' });
  });
});

describe('the imports that may suspend', () => {
  const suspending = (engine: Awaited<ReturnType<typeof run>>['engine']): string[] =>
    [...(engine.compiled[0]?.links?.values() ?? [])].flatMap(({ component }) => [...component.suspendingImports]);

  it('are those of the plugin that the component imports', async () => {
    const { engine } = await run(['front', 'back']);
    expect(suspending(engine)).toEqual([`${pollId}#block`, `${pollId}#wait`]);
  });

  it('are narrowed by the binding, never widened', async () => {
    const { engine } = await run(['front', 'back'], [], [`${pollId}#wait`, `${pollId}#ready`]);
    expect(suspending(engine)).toEqual([`${pollId}#wait`]);
  });
});

describe('several calls on one instance', () => {
  it('share its state and count as one call', async () => {
    const { caller, engine } = await run(['main']);
    const both = await caller.resolved[0]?.useInstance('main', (exports) => {
      const greet = exports[greetId];
      const sayHello = typeof greet === 'object' ? greet.sayHello : undefined;
      return [sayHello?.(), sayHello?.()];
    });
    expect(both).toEqual([1, 2]);
    expect(engine.live.size).toBe(0);
  });
});

describe('handles', () => {
  it('come one per exporting component, in manifest order, for a version that matches', async () => {
    const { caller } = await run(['main', 'front', 'back']);
    const [workload] = caller.resolved;
    const names = (id: Parameters<NonNullable<typeof workload>['exports']>[0]) =>
      workload?.exports(id, 'say-hello').map(({ component }) => component.name);
    expect(names('test:greeting/greet@1.7.0')).toEqual(['main', 'front']);
    expect(names('test:greeting/greet@2.0.0')).toEqual([]);
    expect(workload?.exports(greetId, 'say-goodbye')).toEqual([]);
  });
});
