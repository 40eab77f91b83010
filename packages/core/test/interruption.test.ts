import { afterEach, describe, expect, it } from 'vitest';
import type { CompileOptions, ComponentSource, Host, HostOptions } from '../src/index.js';
import { counter, greetId, specOf, startGreetingHost } from '../src/testing/greeting.js';
import { bytesOf, interfaceOf, MemoryEngine, type Program, shapeOf } from '../src/testing/memory-engine.js';

const backId = 'test:back/back@1.0.0';

/** Answers greetings by asking another component. */
const front: Program = {
  shape: shapeOf({ imports: [interfaceOf(backId, ['count'])], exports: [interfaceOf(greetId, ['say-hello'])] }),
  create: () => ({ [greetId]: { sayHello: () => undefined } }),
};

const back: Program = {
  shape: shapeOf({ exports: [interfaceOf(backId, ['count'])] }),
  create: () => ({ [backId]: { count: () => undefined } }),
};

let host: Host | undefined;
afterEach(async () => {
  await host?.stop();
  host = undefined;
});

const fetched = (image: string): ComponentSource => ({ image });
const brought = (name: string): ComponentSource => ({ bytes: bytesOf(name) });

/** What the engine is asked to compile for these components on a host with these options. */
async function compiledFor(
  sources: Readonly<Record<string, ComponentSource>>,
  options: Partial<HostOptions>,
  canInterrupt = true,
): Promise<readonly CompileOptions[]> {
  const engine = new MemoryEngine({ front, back, main: counter() }, { interruption: canInterrupt });
  const loader: HostOptions['loader'] = async ({ image }) => bytesOf(image);
  ({ host } = await startGreetingHost({}, { engine, loader, ...options }));
  const components = Object.entries(sources).map(([name, source]) => ({ name, source }));
  const status = await host.workloadStart({ workloadId: 'w', workload: specOf(components) });
  expect(status.message).toBe('Workload started successfully');
  return engine.compiled;
}

describe('whether a component is compiled to give way while it computes', () => {
  it.each([
    ['fetched, on a host that was told nothing', true, fetched, {}],
    ['brought as bytes, on a host that was told nothing', false, brought, {}],
    ["fetched, with 'fetched'", true, fetched, { interruption: 'fetched' }],
    ["brought as bytes, with 'fetched'", false, brought, { interruption: 'fetched' }],
    ["fetched, with 'always'", true, fetched, { interruption: 'always' }],
    ["brought as bytes, with 'always'", true, brought, { interruption: 'always' }],
    ["fetched, with 'never'", false, fetched, { interruption: 'never' }],
    ["brought as bytes, with 'never'", false, brought, { interruption: 'never' }],
  ] as const)('%s: %s', async (_, isInterruptible, source, options) => {
    expect(await compiledFor({ main: source('main') }, options)).toMatchObject([{ name: 'main', isInterruptible }]);
  });

  it.each([
    ['a caller that was brought', brought('front'), fetched('back')],
    ['what a fetched caller calls', fetched('front'), brought('back')],
  ])('goes for all of its graph, so also for %s', async (_, frontSource, backSource) => {
    const [graph] = await compiledFor({ front: frontSource, back: backSource }, {});
    expect(graph?.isInterruptible).toBe(true);
  });
});

describe('an engine that cannot interrupt', () => {
  it('is not asked to for what was fetched', async () => {
    expect(await compiledFor({ main: fetched('main') }, {}, false)).toMatchObject([{ isInterruptible: false }]);
  });

  it('is refused by a host that is to interrupt always', async () => {
    await expect(compiledFor({}, { interruption: 'always' }, false)).rejects.toMatchObject({
      code: 'ERR_ENGINE_UNSUPPORTED',
      details: { engine: 'memory', ability: 'interruption' },
    });
  });
});
