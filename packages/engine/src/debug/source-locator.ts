import { Reader } from '../binary/reader.js';
import type { CodeMoves } from '../rewrite/code-moves.js';
import type { ModuleLayout } from '../rewrite/module-layout.js';
import { type CodeMap, mapCode } from './code-map.js';
import { LineTable, type SourceLocation } from './line-table.js';
import { inlineSourceMap, SourceMap } from './source-map.js';

/** A core module as it came and as V8 runs it. */
export interface ModuleVersions {
  readonly bytes: Uint8Array;
  readonly layout: ModuleLayout;
  readonly rewritten: Uint8Array;
  /** Of the instructions within their bodies. @default nothing moved */
  readonly moves?: CodeMoves | undefined;
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

const lineSection = '.debug_line';
const sourceMapSection = 'sourceMappingURL';

/** Undefined where no module has debug information: DWARF line tables, or an inline source map. */
export function sourceLocator(modules: readonly ModuleVersions[]): SourceLocator | undefined {
  if (!modules.some(({ layout }) => hasDebugSections(layout))) return undefined;
  const located = modules.map((module) => new LocatedModule(module));
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
  readonly #moves: CodeMoves | undefined;
  #debug: DebugSections | undefined;
  #lookup: Lookup | undefined;

  constructor({ bytes, layout, rewritten, moves }: ModuleVersions) {
    const debug = readDebugSections(layout);
    this.#importedFuncCount = layout.importedFuncCount;
    this.#rewritten = mapCode(rewritten);
    this.#original = debug === undefined ? undefined : mapCode(bytes);
    this.#moves = debug && moves;
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
    const offsetNow = offset - (this.#rewritten.starts[index] ?? 0);
    const offsetInBody = this.#moves === undefined ? offsetNow : this.#moves.originalOffset(index, offsetNow);
    if (offsetInBody === undefined) return undefined;
    this.#lookup ??= this.#read(original);
    return this.#lookup(start + offsetInBody);
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

/** Whether a {@link sourceLocator} would read anything of a module. */
export function hasDebugSections(layout: ModuleLayout): boolean {
  const found = findSections(layout);
  return found.has(lineSection) || found.has(sourceMapSection);
}

function readDebugSections(layout: ModuleLayout): DebugSections | undefined {
  const found = findSections(layout);
  const line = found.get(lineSection)?.slice();
  const sourceMapUrl = found.get(sourceMapSection)?.slice();
  if (line === undefined && sourceMapUrl === undefined) return undefined;
  return { line, lineStrings: found.get('.debug_line_str')?.slice(), sourceMapUrl };
}

/** The custom sections that are not too long, by name. */
function findSections(layout: ModuleLayout): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const { id, payload } of layout.sections) {
    if (id !== 0) continue;
    const reader = new Reader(payload);
    const name = reader.name();
    const most = name === sourceMapSection ? maxUrlBytes : maxSectionBytes;
    if (reader.end - reader.position <= most) found.set(name, reader.rest());
  }
  return found;
}
