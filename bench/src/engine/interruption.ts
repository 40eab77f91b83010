import type { ComponentImports, ComponentInstance, ComponentShape } from '@lodge/core';
import type { ComponentName } from '../components.ts';
import type { Case, CaseMaker, SubjectTask } from './case.ts';
import { functionOf } from './function-of.ts';
import { leanHost, leanSuspending, stubHost } from './host-imports.ts';
import { engineOf, readComponent, startable } from './start-component.ts';

/** V8 takes its time to optimise the code of a large component. */
const largeWeight = 4;

type Work = (count: number) => unknown;

/** Work inside of a guest: `lodge` leaves it alone, `lodge interruptible` looks after it so that it gives way to others. */
export async function interruptionCases({ subject, files }: SubjectTask): Promise<readonly CaseMaker[]> {
  const engine = await engineOf(subject);
  const make = async (
    component: string,
    file: ComponentName,
    importsFor: (shape: ComponentShape) => ComponentImports,
    workOf: (instance: ComponentInstance, imports: ComponentImports) => Work,
    suspending: readonly string[] = [],
  ): Promise<Case> => {
    const compiled = await engine.compile(await readComponent(files[file]), {
      name: 'component',
      suspendingImports: new Set(suspending),
      isInterruptible: subject === 'lodge interruptible',
    });
    const imports = importsFor(compiled.shape);
    const work = workOf(await startable(compiled, imports).instantiate(), imports);
    return {
      component,
      unit: 'us',
      weight: file === 'starling' || file === 'json' ? largeWeight : 1,
      async run(count) {
        await work(count);
        return undefined;
      },
    };
  };
  const exported =
    (name: string) =>
    (instance: ComponentInstance): Work => {
      const work = instance.exports[name];
      if (typeof work !== 'function') throw new TypeError(`the component does not export ${name}`);
      return (count) => work(count);
    };
  return [
    () => make('bytes of 64 KB', 'work', () => ({}), exported('bytes')),
    () => make('22,000 recursive calls', 'work', () => ({}), exported('calls')),
    () => make('JSON in WebAssembly', 'work', () => ({}), exported('json')),
    () => make('JSON on StarlingMonkey', 'json', starlingHost, exported('work')),
    () => make('StarlingMonkey handler', 'starling', starlingHost, handlerOf, [starlingSuspending]),
    () => make('lean handler', 'lean', () => lean.imports, leanHandlerOf, [leanSuspending]),
  ];
}

const lean = leanHost(() => undefined);

function leanHandlerOf(instance: ComponentInstance): Work {
  const handle = functionOf(instance, 'wasi:http/incoming-handler@0.2.3', 'handle');
  return async (count) => {
    for (let i = 0; i < count; i++) await handle(lean.args.request(), lean.args.outparam());
  };
}

const httpTypes = 'wasi:http/types@0.2.12';
const starlingSuspending = 'wasi:io/streams@0.2.12#[method]output-stream.blocking-write-and-flush';

/** What the StarlingMonkey components call when they run; it does nothing. */
function starlingHost(shape: ComponentShape): ComponentImports {
  const imports: Record<string, unknown> = { ...stubHost(shape) };
  class OutputStream {
    blockingWriteAndFlush(): void {}
    [Symbol.dispose](): void {}
  }
  class OutgoingBody {
    write(): OutputStream {
      return new OutputStream();
    }
    static finish(): void {}
  }
  class OutgoingResponse {
    body(): OutgoingBody {
      return new OutgoingBody();
    }
  }
  // biome-ignore lint/complexity/noStaticOnlyClass: as below.
  class Fields {
    static fromList(): Fields {
      return new Fields();
    }
  }
  // biome-ignore lint/complexity/noStaticOnlyClass: a WIT resource is a class, also one with only a static function.
  class ResponseOutparam {
    static set(): void {}
  }
  const replace = (name: string, members: Readonly<Record<string, unknown>>): void => {
    if (imports[name] === undefined) return;
    const stubs: Record<string, unknown> = { ...(imports[name] as object) };
    for (const [member, value] of Object.entries(members)) stubs[member] = completed(value, stubs[member]);
    imports[name] = stubs;
  };
  replace(httpTypes, { OutgoingBody, OutgoingResponse, Fields, ResponseOutparam });
  replace('wasi:io/streams@0.2.12', { OutputStream });
  replace('wasi:clocks/monotonic-clock@0.2.12', { now: () => 0n });
  replace('wasi:random/random@0.2.12', { getRandomBytes: (count: bigint) => new Uint8Array(Number(count)) });
  return imports;
}

/** A class has what it does not define itself from the stub of that name. */
function completed(value: unknown, stub: unknown): unknown {
  if (typeof value !== 'function' || typeof stub !== 'function' || value.prototype === undefined) return value;
  Object.setPrototypeOf(value.prototype, stub.prototype);
  Object.setPrototypeOf(value, stub);
  return value;
}

function handlerOf(instance: ComponentInstance, imports: ComponentImports): Work {
  const handle = functionOf(instance, 'wasi:http/incoming-handler@0.2.12', 'handle');
  const { IncomingRequest, ResponseOutparam } = imports[httpTypes] as Record<string, new () => object>;
  if (IncomingRequest === undefined || ResponseOutparam === undefined) throw new TypeError('no wasi:http was made');
  return async (count) => {
    for (let i = 0; i < count; i++) await handle(new IncomingRequest(), new ResponseOutparam());
  };
}
