import type { HostError } from '@lodge/core';
import type { Instrumenter } from '@lodge-internal/instrumenter';
import { invalid, unsupported } from '../invalid.js';
import { Slices } from '../slices.js';
import { giveBack, isKept, outOfMemory, takeInstrumenter } from './instrumenters.js';
import type { ModuleLayout } from './module-layout.js';

const codeSection = 10;
const noCode = Uint8Array.of(0);
/** Bytes of code, and places in it, that take some tenths of a millisecond. */
const pieceBytes = 65_536;
const piecePoints = 16_384;
/** Bytes of code that are copied in a millisecond or two. */
const copiedBytes = 1_048_576;
/** What no function may be longer than where nothing is said. */
const longestBody = 2 ** 30;

/** What instrumented code refers to: indices of what is added to the module. */
export interface Added {
  /** The global that is the fuel. */
  readonly fuel: number;
  /** The function that polls; those that do long bulk operations follow. */
  readonly poll: number;
  /** The type of the latter. */
  readonly bulkType: number;
  /** Bytes that these leave to the instruction itself at the most. */
  readonly bulkChunk: number;
}

/** A `memory.copy` or `memory.fill` and the memories it works on. */
export interface BulkOperation {
  readonly opcode: number;
  readonly target: number;
  readonly source: number;
}

/** What code has become. Where that is large, the bytes are those of the editor's memory: who keeps them keeps all of it. */
export interface EditedCode {
  readonly payload: Uint8Array;
  /** Of which functions branches are hardly ever taken, as V8 reads it: how many they are, and the list. */
  readonly hints: { readonly functions: number; readonly list: Uint8Array };
  /** In the order of the functions for them. */
  readonly bulkOperations: readonly BulkOperation[];
  /** Copies, as `CodeMoves` takes them. */
  readonly moves: { readonly steps: Uint8Array; readonly starts: Uint32Array };
}

/** How {@link CodeEditor.read} goes about it. */
export interface ReadOptions {
  /** Refuses functions of more bytes. @default none */
  readonly maxBodySize?: number;
  /** Of the work that it is a part of. @default its own */
  readonly slices?: Slices;
}

/**
 * Reads the code of a module that V8 has accepted or will, and writes it again, once. That is done by WebAssembly (`internal/instrumenter`): code of
 * megabytes is looked at once in the life of a process, as a rule, before V8 has optimised any JavaScript. In slices, so that a large module does not
 * stall the event loop.
 */
export class CodeEditor {
  /** Whether the code changes state that a snapshot of memories and globals does not hold. */
  readonly changesHiddenState: boolean;
  /** Whether there is an instruction that is not known. */
  readonly isUnknown: boolean;
  /** Whether there is a `memory.grow`. */
  readonly growsMemory: boolean;
  readonly #layout: ModuleLayout;
  readonly #work: Work;

  private constructor(layout: ModuleLayout, work: Work) {
    this.#layout = layout;
    this.#work = work;
    this.changesHiddenState = work.instrumenter.changesHiddenState() !== 0;
    this.isUnknown = work.instrumenter.isUnknown() !== 0;
    this.growsMemory = work.instrumenter.growsMemory() !== 0;
  }

  /**
   * Reads the code of a module.
   *
   * @throws HostError `ERR_COMPONENT_INVALID`, `ERR_COMPONENT_UNSUPPORTED`, or `ERR_LIMIT_EXCEEDED` when there is no memory for it
   */
  static async read(
    layout: ModuleLayout,
    { maxBodySize = longestBody, slices = new Slices() }: ReadOptions = {},
  ): Promise<CodeEditor> {
    const work = new Work(takeInstrumenter(), slices, maxBodySize);
    const source = layout.sections.find((section) => section.id === codeSection)?.payload ?? noCode;
    const memory = work.bytes(
      work.attempt((instrumenter) => instrumenter.allocate(source.length)),
      source.length,
    );
    for (let start = 0; start < source.length; start += copiedBytes) {
      memory.set(source.subarray(start, start + copiedBytes), start);
      if (slices.isOver) await slices.next();
    }
    work.attempt((instrumenter) => instrumenter.beginReading(maxBodySize, layout.importedFuncCount));
    await work.inSlices((instrumenter) => instrumenter.read(pieceBytes));
    return new CodeEditor(layout, work);
  }

  /** Makes the code keep account of what it does. @param recordsMoves whether `moves` is wanted */
  async instrument({ fuel, poll, bulkType, bulkChunk }: Added, recordsMoves: boolean): Promise<EditedCode> {
    const work = this.#work;
    const { paramCounts } = this.#layout;
    work.attempt((instrumenter) => {
      work.words(instrumenter.allocateParams(paramCounts.length), paramCounts.length).set(paramCounts);
      instrumenter.beginSettling();
    });
    await work.inSlices((instrumenter) => instrumenter.settle(piecePoints));
    work.attempt((instrumenter) => instrumenter.beginWriting(fuel, poll, bulkType, bulkChunk, Number(recordsMoves)));
    await work.inSlices((instrumenter) => instrumenter.write(pieceBytes));
    return work.edited(work.bulkOperations());
  }

  /**
   * Makes the code call functions for the sizes of its memories.
   *
   * @param firstFunction tells the size of the first memory; the one after it grows that, and so on
   */
  async virtualize(firstFunction: number): Promise<EditedCode> {
    const work = this.#work;
    work.attempt((instrumenter) => instrumenter.beginVirtualizing(firstFunction));
    await work.inSlices((instrumenter) => instrumenter.virtualize(pieceBytes));
    return work.edited([]);
  }

  /** In place of writing it again. */
  close(): void {
    giveBack(this.#work.instrumenter);
  }
}

/** What is done with one instance. */
class Work {
  readonly instrumenter: Instrumenter;
  readonly #slices: Slices;
  readonly #maxBodySize: number;

  constructor(instrumenter: Instrumenter, slices: Slices, maxBodySize: number) {
    this.instrumenter = instrumenter;
    this.#slices = slices;
    this.#maxBodySize = maxBodySize;
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.instrumenter.memory.buffer, address >>> 0, length);
  }

  words(address: number, length: number): Uint32Array {
    return new Uint32Array(this.instrumenter.memory.buffer, address >>> 0, length);
  }

  bulkOperations(): BulkOperation[] {
    const words = this.words(this.instrumenter.bulkAddress(), this.instrumenter.bulkLength());
    const operations: BulkOperation[] = [];
    for (let at = 0; at < words.length; at += 3) {
      operations.push({ opcode: words[at] ?? 0, target: words[at + 1] ?? 0, source: words[at + 2] ?? 0 });
    }
    return operations;
  }

  /** What has been written; the work is done. */
  edited(bulkOperations: readonly BulkOperation[]): EditedCode {
    const { instrumenter } = this;
    const taken = (bytes: Uint8Array): Uint8Array => (isKept(instrumenter) ? bytes.slice() : bytes);
    const code = {
      payload: taken(this.bytes(instrumenter.codeAddress(), instrumenter.codeLength())),
      hints: {
        functions: instrumenter.hintedFuncs(),
        list: taken(this.bytes(instrumenter.hintsAddress(), instrumenter.hintsLength())),
      },
      bulkOperations,
      moves: {
        steps: this.bytes(instrumenter.movesAddress(), instrumenter.movesLength()).slice(),
        starts: this.words(instrumenter.moveStartsAddress(), instrumenter.moveStartsLength()).slice(),
      },
    };
    giveBack(instrumenter);
    return code;
  }

  /** Does a piece after the other, until there is no more. */
  async inSlices(work: (instrumenter: Instrumenter) => number): Promise<void> {
    while (this.attempt(work) !== 0) if (this.#slices.isOver) await this.#slices.next();
  }

  attempt<T>(work: (instrumenter: Instrumenter) => T): T {
    try {
      return work(this.instrumenter);
    } catch (error) {
      throw error instanceof WebAssembly.RuntimeError ? this.#refusal(error) : error;
    }
  }

  /** By the numbers of `assembly/fault.ts`. */
  #refusal(cause: WebAssembly.RuntimeError): HostError {
    const at = this.instrumenter.faultAt();
    switch (this.instrumenter.faultKind()) {
      case 1:
        return invalid(`the code ends in the middle of something, at byte ${at}`);
      case 2:
        return invalid(`a number in the code has too many bytes, before byte ${at}`);
      case 3:
        return unsupported(`a function of more than ${this.#maxBodySize} bytes`);
      case 4:
        return unsupported('a function that is too large, or has too many locals, to be made interruptible');
      case 5:
        return unsupported('copies and fills between more than 1,024 pairs of memories, or of more than 256 memories');
      case 6:
        return unsupported('more than a million functions');
      case 7:
        return outOfMemory(cause);
      default:
        return unsupported(`code on which its reader failed (${cause.message}; please report it)`);
    }
  }
}

/** Whether the code of a module has a `memory.grow`. */
export async function growsMemory(layout: ModuleLayout, slices: Slices): Promise<boolean> {
  const editor = await CodeEditor.read(layout, { slices });
  editor.close();
  return editor.growsMemory;
}

/** Whether the code of a module changes state that a snapshot of memories and globals does not hold. */
export async function changesHiddenState(layout: ModuleLayout, slices: Slices = new Slices()): Promise<boolean> {
  const editor = await CodeEditor.read(layout, { slices });
  editor.close();
  return editor.changesHiddenState || editor.isUnknown;
}
