import { Reader } from '../binary/reader.js';
import type { ModuleLayout } from '../rewrite/module-layout.js';
import { type CodeMap, mapCode } from './code-map.js';
import { LineTable, type SourceLocation } from './line-table.js';
import { inlineSourceMap, SourceMap } from './source-map.js';

/** A core module as it came and as V8 runs it. */
export interface ModuleVersions {
  readonly bytes: Uint8Array;
  readonly layout: ModuleLayout;
  readonly rewritten: Uint8Array;
  /** Where an instruction of the rewritten module stood in `bytes`, counted from the start of the body of function `index`. @default nothing moved */
  readonly originalOffset?: ((index: number, offset: number) => number) | undefined;
}

/**
 * Names the source line of an instruction by the index of its function, imports counted, and its offset in bytes of the module, both as V8
 * tells them. Undefined where no debug information does, or where it could be that of another module.
 */
export type SourceLocator = (functionIndex: number, offset: number) => SourceLocation | undefined;

/** Bytes of a section of debug information that are read: some twenty milliseconds of work, once, or three times that if it is made for it. More than that is left alone. */
const maxSectionBytes = 2_097_152;
/** The same for the URL of a source map, whose JSON takes longer. */
const maxUrlBytes = 524_288;

/** Undefined where no module has debug information: DWARF line tables, or an inline source map. */
export function sourceLocator(modules: readonly ModuleVersions[]): SourceLocator | undefined {
  const debugs = modules.map(readDebugSections);
  if (!debugs.some((debug) => debug !== undefined)) return undefined;
  const located = modules.map((module, index) => new LocatedModule(module, debugs[index]));
  return (functionIndex, offset) => {
    const candidates = located.filter((module) => module.has(functionIndex, offset));
    return candidates.length === 1 ? candidates[0]?.find(functionIndex, offset) : undefined;
  };
}

/** Debug information by the offset in the original module. */
type Lookup = (offset: number) => SourceLocation | undefined;

class LocatedModule {
  readonly #importedFuncCount: number;
  readonly #rewritten: CodeMap;
  readonly #original: CodeMap | undefined;
  readonly #originalOffset: ModuleVersions['originalOffset'];
  #debug: DebugSections | undefined;
  #lookup: Lookup | undefined;

  constructor({ bytes, layout, rewritten, originalOffset }: ModuleVersions, debug: DebugSections | undefined) {
    this.#importedFuncCount = layout.importedFuncCount;
    this.#rewritten = mapCode(rewritten);
    this.#original = debug === undefined ? undefined : mapCode(bytes);
    this.#originalOffset = originalOffset;
    this.#debug = debug;
  }

  has(functionIndex: number, offset: number): boolean {
    const index = functionIndex - this.#importedFuncCount;
    const { starts, ends } = this.#rewritten;
    const start = starts[index];
    return start !== undefined && offset >= start && offset < (ends[index] ?? 0);
  }

  find(functionIndex: number, offset: number): SourceLocation | undefined {
    const original = this.#original;
    const index = functionIndex - this.#importedFuncCount;
    const start = original?.starts[index];
    if (original === undefined || start === undefined) return undefined;
    const moved = offset - (this.#rewritten.starts[index] ?? 0);
    this.#lookup ??= this.#read(original);
    return this.#lookup(start + (this.#originalOffset?.(index, moved) ?? moved));
  }

  /** Reads the debug information when it is first asked for, and then lets go of its sections. */
  #read(original: CodeMap): Lookup {
    const debug = this.#debug;
    this.#debug = undefined;
    try {
      if (debug?.line !== undefined) {
        const table = new LineTable({ line: debug.line, lineStrings: debug.lineStrings });
        return (offset) => table.find(offset - original.payloadStart);
      }
      const url = new Reader(debug?.sourceMapUrl ?? new Uint8Array()).name();
      const map = new SourceMap(inlineSourceMap(url) ?? '');
      return (offset) => map.find(offset);
    } catch {
      // Malformed debug information takes nothing from an error but the lines.
      return () => undefined;
    }
  }
}

/** Copies, so that they do not keep the whole component alive. */
interface DebugSections {
  readonly line: Uint8Array | undefined;
  readonly lineStrings: Uint8Array | undefined;
  readonly sourceMapUrl: Uint8Array | undefined;
}

function readDebugSections({ layout }: ModuleVersions): DebugSections | undefined {
  const found = new Map<string, Uint8Array>();
  for (const { id, payload } of layout.sections) {
    if (id !== 0) continue;
    const reader = new Reader(payload);
    const name = reader.name();
    const most = name === 'sourceMappingURL' ? maxUrlBytes : maxSectionBytes;
    if (reader.end - reader.position <= most) found.set(name, reader.rest());
  }
  const line = found.get('.debug_line')?.slice();
  const sourceMapUrl = found.get('sourceMappingURL')?.slice();
  if (line === undefined && sourceMapUrl === undefined) return undefined;
  return { line, lineStrings: found.get('.debug_line_str')?.slice(), sourceMapUrl };
}
