import type { ComponentImports, ComponentShape } from '@lodge/core';
import { echoInterface } from '@lodge-internal/fixtures';

/** The lean component's import that waits, when it is compiled for JSPI. */
export const leanSuspending = 'wasi:io/streams@0.2.3#[method]output-stream.blocking-write-and-flush';

/** What the lean component's handler takes. */
export interface LeanArguments {
  request(): unknown;
  outparam(): unknown;
}

/**
 * A `wasi:http` that does nothing, so that what is measured is the engine.
 *
 * @param write what `blocking-write-and-flush` answers
 */
export function leanHost(write: () => undefined | Promise<undefined>): {
  imports: ComponentImports;
  args: LeanArguments;
} {
  class Fields {}
  class IncomingRequest {}
  class OutputStream {
    blockingWriteAndFlush(_bytes: Uint8Array): undefined | Promise<undefined> {
      return write();
    }
    [Symbol.dispose](): void {}
  }
  class OutgoingBody {
    write(): OutputStream {
      return new OutputStream();
    }
    static finish(_body: OutgoingBody, _trailers: Fields | undefined): void {}
  }
  class OutgoingResponse {
    body(): OutgoingBody {
      return new OutgoingBody();
    }
  }
  // biome-ignore lint/complexity/noStaticOnlyClass: a WIT resource is a class, also one with only a static function.
  class ResponseOutparam {
    static set(_outparam: ResponseOutparam, _response: unknown): void {}
  }
  const imports = {
    'wasi:io/error@0.2.3': { Error: class {} },
    'wasi:io/streams@0.2.3': { OutputStream, InputStream: class {} },
    'wasi:http/types@0.2.3': { Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam },
  };
  return { imports, args: { request: () => new IncomingRequest(), outparam: () => new ResponseOutparam() } };
}

/** The imports of the values component: each function gives back what it is given. */
export function echoHost(): ComponentImports {
  return {
    [echoInterface]: {
      number: (value: number) => value,
      text: (value: string) => value,
      bytes: (value: Uint8Array) => value,
      texts: (_values: string[]) => undefined,
      pixel: (value: object) => value,
      choice: (value: object) => value,
    },
  };
}

/** Imports that fit a component which is only instantiated: nothing of them may be called. */
export function stubHost(shape: ComponentShape): ComponentImports {
  const refuse = (): never => {
    throw new Error('a component that is only instantiated called its host');
  };
  const imports: Record<string, unknown> = {};
  for (const { name } of shape.importedFunctions) imports[name] = refuse;
  for (const { externName, functions, resources } of shape.imports) {
    const classes = new Map(resources.map((name) => [name, class {}]));
    const members: Record<string, unknown> = {};
    for (const [name, resource] of classes) members[pascalCase(name)] = resource;
    for (const { name, kind } of functions) {
      const [, resource = '', member = ''] = /^\[\w+\]([^.]+)\.?(.*)$/.exec(name) ?? [];
      if (kind === 'function') members[camelCase(name)] = refuse;
      if (kind === 'static') Object.assign(classes.get(resource) ?? {}, { [camelCase(member)]: refuse });
      if (kind === 'method') Object.assign(classes.get(resource)?.prototype ?? {}, { [camelCase(member)]: refuse });
    }
    imports[externName] = members;
  }
  return imports;
}

function camelCase(witName: string): string {
  return witName.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function pascalCase(witName: string): string {
  return camelCase(`-${witName}`);
}
