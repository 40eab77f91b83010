import { setTimeout as sleep } from 'node:timers/promises';
import type { ComponentImports, ComponentInstance, Engine } from '@lodge/core';
import { echoInterface } from '@lodge-internal/fixtures';
import type { Case, CaseMaker, SubjectTask } from './case.ts';
import { functionOf } from './function-of.ts';
import { echoHost, leanHost, leanSuspending } from './host-imports.ts';
import { compile, engineOf, readComponent, startable } from './start-component.ts';

/** How often the engine is given time to learn how it can make a component's state new, and how long. */
const lessons = 5;
const lessonMs = 50;

/** Most of a new instance is paid for when it is collected: a sample has to see several collections. */
const collectedWeight = 4;

interface Kind {
  readonly component: string;
  readonly file: string;
  readonly imports: ComponentImports;
  readonly suspending?: readonly string[];
  call(instance: ComponentInstance): unknown;
}

/** Whole lives: new state, one call, the end. */
export async function lifeCases({ subject, files }: SubjectTask): Promise<readonly CaseMaker[]> {
  const engine = await lifeEngine(subject);
  const isKept = subject === 'lodge plain';
  const { imports, args } = leanHost(() => undefined);
  const kinds: readonly Kind[] = [
    {
      component: 'lean jspi',
      file: 'lean',
      imports,
      suspending: [leanSuspending],
      call: (instance) =>
        functionOf(instance, 'wasi:http/incoming-handler@0.2.3', 'handle')(args.request(), args.outparam()),
    },
    {
      component: 'string 10 B',
      file: 'values',
      imports: echoHost(),
      call: (instance) => functionOf(instance, echoInterface, 'text')('ten bytes!'),
    },
    {
      component: 'growing',
      file: 'growing',
      imports: {},
      call: (instance) => functionOf(instance, undefined, 'run')(),
    },
  ];
  return kinds.map((kind) => () => make(engine, kind, files[kind.file], isKept));
}

async function lifeEngine(subject: string): Promise<Engine> {
  if (subject !== 'lodge, growth undone') return engineOf(subject);
  return (await import('@lodge/engine')).lodgeEngine({ keepsGrownMemories: true });
}

async function make(
  engine: Engine,
  { component, imports, suspending, call }: Kind,
  file: string | undefined,
  isKept: boolean,
): Promise<Case> {
  const { instantiate } = startable(await compile(engine, await readComponent(file), suspending), imports);
  const run = async (count: number): Promise<undefined> => {
    for (let i = 0; i < count; i++) {
      const made = instantiate();
      const instance = made instanceof Promise ? await made : made;
      const answer = call(instance);
      if (answer instanceof Promise) await answer;
      if (!isKept) instance.dispose();
    }
  };
  for (let lesson = 0; lesson < lessons; lesson++) {
    await run(1);
    await sleep(lessonMs);
  }
  return { component, unit: 'us', weight: collectedWeight, run };
}
