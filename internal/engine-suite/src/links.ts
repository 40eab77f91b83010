import assert from 'node:assert/strict';
import { type ComponentImports, type ComponentLink, type LinkedComponent, WitError } from '@lodge/core';
import { type FixtureName, fixture } from '@lodge-internal/fixtures';
import { type Bench, expectHostError, failureOf, nextTurn, type StartedComponent, type Suite } from './suite.js';

/** Components that serve each other's imports, compiled into one graph. */
export function testLinks(suite: Suite): void {
  suite.describe('links', () => {
    for (const [what, startGraph] of [
      ['chain', startChain],
      ['diamond', startDiamond],
    ] as const) {
      suite.test(
        `a text goes through a ${what} and back`,
        async (bench) => {
          const { head, entered } = await startGraph(bench);
          assert.equal(await head['greet']?.('wörld 🦊'), 'hello wörld 🦊');
          assert.deepEqual(entered, what === 'chain' ? ['front', 'middle', 'back'] : ['top', 'left', 'back']);
        },
        'links',
      );

      suite.test(
        `a list of numbers goes through a ${what} and back`,
        async (bench) => {
          const { head } = await startGraph(bench);
          assert.deepEqual(
            await head['numbers']?.(Uint32Array.of(1, 2, 4_294_967_295)),
            Uint32Array.of(1, 2, 4_294_967_295),
          );
        },
        'links',
      );

      suite.test(
        `an err goes through a ${what}`,
        async (bench) => {
          const { head } = await startGraph(bench);
          assert.equal(await head['check']?.(2), 2);
          const error = await failureOf(() => head['check']?.(3));
          assert(WitError.is(error));
          assert.equal(error.payload, 'odd');
        },
        'links',
      );

      suite.test(
        `a resource is passed along in a ${what}`,
        async (bench) => {
          const { head } = await startGraph(bench);
          assert.equal(await head['pass']?.(77), 77);
          assert.equal(await head['pass']?.(78), 78);
        },
        'links',
      );

      suite.test(
        `the end of a ${what} waits, and the head with it`,
        async (bench) => {
          const { head, instance } = await startGraph(bench, async (x) => nextTurn().then(() => x));
          assert.equal(await head['slow']?.(1000), 1111);
          assert.equal(instance.isPoisoned, false);
        },
        'links',
      );

      suite.test(
        `an interruption unwinds a ${what} that waits at its end`,
        async (bench) => {
          const { head, instance } = await startGraph(bench, () => new Promise(() => {}));
          const reason = new Error('stop');
          const call = failureOf(() => head['slow']?.(1));
          await nextTurn();
          instance.interrupt(reason);
          assert.equal(await call, reason);
          await expectHostError(() => head['greet']?.('x'), 'ERR_INSTANCE_POISONED');
        },
        'links',
      );

      suite.test(
        `a trap at the end of a ${what} names the component and ends the graph`,
        async (bench) => {
          const { head, instance } = await startGraph(bench);
          const error = await expectHostError(() => head['trap']?.(), 'ERR_GUEST_TRAPPED');
          assert.match(JSON.stringify(error.details['stack']), /deep-trap/);
          assert.equal(error.details['component'], 'back');
          assert.equal(instance.isPoisoned, true);
        },
        'links',
      );
    }

    suite.test(
      'a failing host function at the end of a chain ends the call of the head',
      async (bench) => {
        const cause = new Error('a secret of the host');
        const { head } = await startChain(bench, () => Promise.reject(cause));
        const error = await expectHostError(() => head['slow']?.(1), 'ERR_HOST_CALL_FAILED');
        assert.equal(error.cause, cause);
      },
      'links',
    );

    suite.test(
      'each component of a graph has its own imports',
      async (bench) => {
        const seen: string[] = [];
        const logs = (own: string): ComponentImports => ({
          'lodge:chain/log@1.0.0': { enter: (who: string) => seen.push(`${own}:${who}`), wait: (x: number) => x },
        });
        const { head } = await startChain(bench, undefined, logs);
        await head['greet']?.('x');
        assert.deepEqual(seen, ['front:front', 'middle:middle', 'back:back']);
      },
      'links',
    );

    suite.test(
      'the shared end of a diamond is there once',
      async (bench) => {
        const { head, entered, instance } = await startDiamond(bench);
        await head['greet']?.('x');
        await head['slow']?.(1);
        assert.deepEqual(entered, ['top', 'left', 'back', 'top', 'right', 'back']);
        // Four components of one page each.
        assert.equal(instance.memoryBytes, 4 * 65_536);
      },
      'links',
    );

    suite.test('a compile without the links leaves the import to the host', async (bench) => {
      const bytes = await fixture('chain-front');
      await expectHostError(() => bench.start(bytes, { imports: logImports([]) }), 'ERR_IMPORT_INVALID');
    });
  });

  suite.describe('composed components', () => {
    suite.test('a call goes from one inner component to the other', async (bench) => {
      const { composed } = await startComposed(bench);
      assert.equal(await composed['addTwice']?.(1, 2), 5);
    });

    suite.test('a text changes its encoding on the way between inner components', async (bench) => {
      const { composed, notes } = await startComposed(bench);
      for (const text of ['plain', 'grüße', '日本語 🦊', '']) assert.equal(await composed['echo']?.(text), text);
      assert.deepEqual(notes, ['plain', 'grüße', '日本語 🦊', '']);
    });

    suite.test('the inner component waits for the host', async (bench) => {
      const { composed } = await startComposed(bench);
      assert.equal(await composed['slow']?.(41), 42);
    });

    suite.test('an err comes out of the inner component', async (bench) => {
      const { composed } = await startComposed(bench);
      const error = await failureOf(() => composed['checked']?.(9));
      assert(WitError.is(error));
      assert.equal(error.payload, 9);
    });

    suite.test('a trap in the inner component ends the whole', async (bench) => {
      const { composed, instance } = await startComposed(bench);
      const error = await expectHostError(() => composed['trap']?.(), 'ERR_GUEST_TRAPPED');
      assert.match(JSON.stringify(error.details['stack']), /innermost-trap/);
      assert.equal(instance.isPoisoned, true);
    });
  });
}

type Wait = (x: number) => Promise<number>;

interface Graph {
  readonly head: ReturnType<StartedComponent['exported']>;
  readonly entered: readonly string[];
  readonly instance: StartedComponent['instance'];
}

const waits: ReadonlySet<string> = new Set(['lodge:chain/log@1.0.0#wait']);

function logImports(entered: string[], wait: Wait = async (x) => x): ComponentImports {
  return { 'lodge:chain/log@1.0.0': { enter: (who: string) => entered.push(who), wait } };
}

async function linked(
  name: FixtureName,
  links: Readonly<Record<string, LinkedComponent>> = {},
): Promise<LinkedComponent> {
  return {
    name: name.replace('chain-', ''),
    bytes: await fixture(name),
    suspendingImports: waits,
    links: linksTo(links),
  };
}

function linksTo(components: Readonly<Record<string, LinkedComponent>>): ReadonlyMap<string, ComponentLink> {
  return new Map(Object.entries(components).map(([externName, component]) => [externName, { component, externName }]));
}

async function startChain(bench: Bench, wait?: Wait, importsFor?: (name: string) => ComponentImports): Promise<Graph> {
  const back = await linked('chain-back');
  const middle = await linked('chain-middle', { 'lodge:chain/back@1.0.0': back });
  const links = linksTo({ 'lodge:chain/middle@1.0.0': middle, 'lodge:chain/back@1.0.0': back });
  return startGraph(bench, 'chain-front', links, ['front', 'middle', 'back'], wait, importsFor);
}

async function startDiamond(bench: Bench, wait?: Wait): Promise<Graph> {
  const back = await linked('chain-back');
  const left = await linked('chain-left', { 'lodge:chain/back@1.0.0': back });
  const right = await linked('chain-right', { 'lodge:chain/back@1.0.0': back });
  const links = linksTo({
    'lodge:chain/left@1.0.0': left,
    'lodge:chain/right@1.0.0': right,
    'lodge:chain/back@1.0.0': back,
  });
  return startGraph(bench, 'chain-top', links, ['top', 'left', 'right', 'back'], wait);
}

async function startGraph(
  { start }: Bench,
  head: FixtureName,
  links: ReadonlyMap<string, ComponentLink>,
  names: readonly string[],
  wait?: Wait,
  importsFor?: (name: string) => ComponentImports,
): Promise<Graph> {
  const entered: string[] = [];
  const importsOf = Object.fromEntries(names.map((name) => [name, importsFor?.(name) ?? logImports(entered, wait)]));
  const name = names[0] ?? head;
  const own = importsOf[name];
  const started = await start(await fixture(head), {
    name,
    links,
    importsOf,
    suspending: [...waits],
    ...(own && { imports: own }),
  });
  return { head: started.exported(`lodge:chain/${name}@1.0.0`), entered, instance: started.instance };
}

async function startComposed({ start }: Bench): Promise<{
  composed: ReturnType<StartedComponent['exported']>;
  notes: readonly string[];
  instance: StartedComponent['instance'];
}> {
  const notes: string[] = [];
  const host = { wait: async (x: number) => nextTurn().then(() => x), note: (text: string) => notes.push(text) };
  const started = await start(await fixture('composed'), {
    imports: { 'lodge:fixture/host': host },
    suspending: ['lodge:fixture/host#wait'],
  });
  return { composed: started.exported('lodge:fixture/composed'), notes, instance: started.instance };
}
