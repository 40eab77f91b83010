import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { HostError } from '@lodge/core';
import { invalidComponent } from './read-shape.js';

type Tool = typeof import('@bytecodealliance/jco-transpile/component');
type GenerateOptions = Parameters<Tool['generate']>[1];

/** How a component is translated. */
export interface TranslateOptions {
  /** The imports, by the names that the generated code shall ask for them. */
  readonly importNames: readonly string[];
  /** Imports that may wait, and the exports that may be waiting then. Unset: nothing waits. */
  readonly suspending?: { readonly imports: readonly string[]; readonly exports: readonly string[] };
}

/**
 * jco's translator, which is itself a component. A component that makes it panic leaves it unusable for good; so a new
 * copy of it is loaded then.
 */
export class Translator {
  #tool: Promise<Tool> = import('@bytecodealliance/jco-transpile/component');
  #copies = 0;

  /**
   * Translates a component to JavaScript and core modules, by file name.
   *
   * @throws HostError `ERR_COMPONENT_INVALID` with jco's own words as the cause, `ERR_COMPONENT_UNSUPPORTED` when jco panics
   */
  async translate(bytes: Uint8Array, options: TranslateOptions): Promise<ReadonlyMap<string, Uint8Array>> {
    const generateOptions = toGenerateOptions(options);
    // A second try: it may have been an earlier component, also of another engine, that broke the tool.
    for (let attempt = 0; ; attempt++) {
      const tool = await this.#tool;
      await tool.$init;
      try {
        return new Map(tool.generate(bytes, generateOptions).files);
      } catch (error) {
        if (error instanceof Error && 'payload' in error)
          throw invalidComponent('a component that jco refuses', error.payload);
        this.#tool = this.#loadCopy();
        if (attempt > 0) throw panicked(error);
      }
    }
  }

  #loadCopy(): Promise<Tool> {
    const path = createRequire(import.meta.url).resolve('@bytecodealliance/jco-transpile/component');
    return import(/* @vite-ignore */ `${pathToFileURL(path)}?copy=${crypto.randomUUID()}-${this.#copies++}`);
  }
}

function panicked(cause: unknown): HostError {
  const message = 'jco cannot translate this component, for a reason it does not tell. Use the default engine.';
  return new HostError('ERR_COMPONENT_UNSUPPORTED', message, { cause });
}

function toGenerateOptions({ importNames, suspending }: TranslateOptions): GenerateOptions {
  return {
    name: 'component',
    // Without a map the generated code asks for its imports without their versions.
    map: importNames.map((name) => [name, name]),
    instantiation: { tag: 'async' },
    noComponentErrorWrapping: true,
    noTypescript: true,
    // Core modules stay files instead of becoming text.
    base64Cutoff: 0,
    ...(suspending && {
      asyncMode: { tag: 'jspi', val: { imports: [...suspending.imports], exports: [...suspending.exports] } },
    }),
  };
}
