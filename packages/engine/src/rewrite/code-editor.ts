import { HostError } from '@lodge/core';
import { type Instrumenter, instrumenterCode } from '@lodge-internal/instrumenter';
import { invalid, unsupported } from '../invalid.js';
import type { ModuleLayout } from './module-layout.js';
import { Slices } from './slices.js';

const codeSection = 10;
const noCode = Uint8Array.of(0);
/** Bytes of code, and places in it, that take some tenths of a millisecond. */
const pieceBytes = 65_536;
const piecePoints = 16_384;
/** Bytes of code that are copied in a millisecond or two. */
const copiedBytes = 4_194_304;
/** What no function may be longer than where nothing is said. */
const longestBody = 2 ** 30;

/** Compiled when it is first needed, at once: V8 compiles in turn, and the component may be large. */
let program: WebAssembly.Module | undefined;

/** Indices that instrumented code refers to. */
export interface AddedIndices {
  /** The global that is the fuel. */
  readonly fuel: number;
  /** The function that polls; those that do long bulk operations follow. */
  readonly poll: number;
  /** The type of the latter. */
  readonly bulkType: number;
}

/** A `memory.copy` or `memory.fill` and the memories it works on. */
export interface BulkOperation {
  readonly opcode: number;
  readonly target: number;
  readonly source: number;
}

/** What code has become. The bytes are those of the editor's memory: who keeps them keeps all of it. */
export interface EditedCode {
  readonly payload: Uint8Array;
  /** Of which functions branches are hardly ever taken, as V8 reads it: how many they are, and the list. */
  readonly hints: { readonly functions: number; readonly list: Uint8Array };
  /** In the order of the functions for them. */
  readonly bulkOperations: readonly BulkOperation[];
  /** Copies, as `CodeMoves` takes them. */
  readonly moves: { readonly steps: Uint8Array; readonly starts: Uint32Array };
}

/**
 * Reads the code of a module that V8 has accepted or will, and writes it again. That is done by WebAssembly (`internal/instrumenter`): code of
 * megabytes is looked at once in the life of a process, as a rule, before V8 has optimised any JavaScript. In slices, so that a large module does not
 * stall the event loop.
 */
export class CodeEditor {
  readonly #layout: ModuleLayout;
  readonly #instrumenter: Instrumenter;
  readonly #maxBodySize: number;

  private constructor(layout: ModuleLayout, instrumenter: Instrumenter, maxBodySize: number) {
    this.#layout = layout;
    this.#instrumenter = instrumenter;
    this.#maxBodySize = maxBodySize;
  }

  /**
   * Reads the code of a module.
   *
   * @param maxBodySize refuses functions of more bytes
   * @throws HostError `ERR_COMPONENT_INVALID`, `ERR_COMPONENT_UNSUPPORTED`, or `ERR_LIMIT_EXCEEDED` when there is no memory for it
   */
  static async read(layout: ModuleLayout, maxBodySize: number = longestBody): Promise<CodeEditor> {
    program ??= new WebAssembly.Module(instrumenterCode());
    const { exports } = new WebAssembly.Instance(program);
    const editor = new CodeEditor(layout, exports as unknown as Instrumenter, maxBodySize);
    await editor.#take(layout.sections.find((section) => section.id === codeSection)?.payload ?? noCode);
    editor.#attempt((instrumenter) => instrumenter.beginReading(maxBodySize, layout.importedFuncCount));
    await editor.#inSlices((instrumenter) => instrumenter.read(pieceBytes));
    return editor;
  }

  /** Whether the code changes state that a snapshot of memories and globals does not hold. */
  get changesHiddenState(): boolean {
    return this.#instrumenter.changesHiddenState() !== 0;
  }

  /** Whether there is an instruction that is not known. */
  get isUnknown(): boolean {
    return this.#instrumenter.isUnknown() !== 0;
  }

  /** Makes the code keep account of what it does. @param recordsMoves whether `moves` is wanted */
  async instrument({ fuel, poll, bulkType }: AddedIndices, recordsMoves: boolean): Promise<EditedCode> {
    const { paramCounts } = this.#layout;
    this.#attempt((instrumenter) => {
      this.#words(instrumenter.allocateParams(paramCounts.length), paramCounts.length).set(paramCounts);
      instrumenter.beginSettling();
    });
    await this.#inSlices((instrumenter) => instrumenter.settle(piecePoints));
    this.#attempt((instrumenter) => instrumenter.beginWriting(fuel, poll, bulkType, Number(recordsMoves)));
    await this.#inSlices((instrumenter) => instrumenter.write(pieceBytes));
    return this.#edited(this.#bulkOperations());
  }

  /**
   * Makes the code call functions for the sizes of its memories.
   *
   * @param firstFunction tells the size of the first memory; the one after it grows that, and so on
   */
  async virtualize(firstFunction: number): Promise<EditedCode> {
    this.#attempt((instrumenter) => instrumenter.beginVirtualizing(firstFunction));
    await this.#inSlices((instrumenter) => instrumenter.virtualize(pieceBytes));
    return this.#edited([]);
  }

  async #take(source: Uint8Array): Promise<void> {
    const memory = this.#bytes(
      this.#attempt((instrumenter) => instrumenter.allocate(source.length)),
      source.length,
    );
    const slices = new Slices();
    for (let start = 0; start < source.length; start += copiedBytes) {
      memory.set(source.subarray(start, start + copiedBytes), start);
      if (slices.isOver) await slices.next();
    }
  }

  #edited(bulkOperations: readonly BulkOperation[]): EditedCode {
    const instrumenter = this.#instrumenter;
    return {
      payload: this.#bytes(instrumenter.codeAddress(), instrumenter.codeLength()),
      hints: {
        functions: instrumenter.hintedFuncs(),
        list: this.#bytes(instrumenter.hintsAddress(), instrumenter.hintsLength()),
      },
      bulkOperations,
      moves: {
        steps: this.#bytes(instrumenter.movesAddress(), instrumenter.movesLength()).slice(),
        starts: this.#words(instrumenter.moveStartsAddress(), instrumenter.moveStartsLength()).slice(),
      },
    };
  }

  #bulkOperations(): BulkOperation[] {
    const words = this.#words(this.#instrumenter.bulkAddress(), this.#instrumenter.bulkLength());
    const operations: BulkOperation[] = [];
    for (let at = 0; at < words.length; at += 3) {
      operations.push({ opcode: words[at] ?? 0, target: words[at + 1] ?? 0, source: words[at + 2] ?? 0 });
    }
    return operations;
  }

  #bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#instrumenter.memory.buffer, address >>> 0, length);
  }

  #words(address: number, length: number): Uint32Array {
    return new Uint32Array(this.#instrumenter.memory.buffer, address >>> 0, length);
  }

  /** Does a piece of work after the other, until there is no more. */
  async #inSlices(work: (instrumenter: Instrumenter) => number): Promise<void> {
    const slices = new Slices();
    while (this.#attempt(work) !== 0) if (slices.isOver) await slices.next();
  }

  #attempt<T>(work: (instrumenter: Instrumenter) => T): T {
    try {
      return work(this.#instrumenter);
    } catch (error) {
      throw error instanceof WebAssembly.RuntimeError ? this.#refusal(error) : error;
    }
  }

  #refusal(cause: WebAssembly.RuntimeError): HostError {
    const at = this.#instrumenter.faultAt();
    switch (this.#instrumenter.faultKind()) {
      case 1:
        return invalid(`the code ends in the middle of something, at byte ${at}`);
      case 2:
        return invalid(`a number in the code has too many bytes, before byte ${at}`);
      case 3:
        return unsupported(`a function of more than ${this.#maxBodySize} bytes`);
      default:
        return new HostError(
          'ERR_LIMIT_EXCEEDED',
          'There is no memory to read the code of a component; make it smaller.',
          {
            cause,
          },
        );
    }
  }
}

/** Whether the code of a module changes state that a snapshot of memories and globals does not hold. */
export async function changesHiddenState(layout: ModuleLayout): Promise<boolean> {
  const editor = await CodeEditor.read(layout);
  return editor.changesHiddenState || editor.isUnknown;
}
