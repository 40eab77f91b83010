/** The code of a module whose instances export {@link Instrumenter}. */
export declare function instrumenterCode(): Uint8Array<ArrayBuffer>;

/**
 * Reads one code section, and writes it again: `assembly/index.ts` says what each function does, in this order. What takes long is done in pieces, until
 * the answer is 0. A function that traps says why in `faultKind`; it is 0 when there is no more memory.
 */
export interface Instrumenter {
  readonly memory: WebAssembly.Memory;
  reset(): void;
  allocate(length: number): number;
  allocateParams(count: number): number;
  beginReading(maxBodySize: number, imported: number): void;
  read(bytes: number): number;
  changesHiddenState(): number;
  isUnknown(): number;
  growsMemory(): number;
  beginSettling(): void;
  settle(points: number): number;
  beginWriting(fuel: number, poll: number, bulkType: number, bulkChunk: number, recordsMoves: number): void;
  write(bytes: number): number;
  beginVirtualizing(firstFunction: number): void;
  virtualize(bytes: number): number;
  codeAddress(): number;
  codeLength(): number;
  hintsAddress(): number;
  hintsLength(): number;
  hintedFuncs(): number;
  bulkAddress(): number;
  bulkLength(): number;
  movesAddress(): number;
  movesLength(): number;
  moveStartsAddress(): number;
  moveStartsLength(): number;
  /** As in `assembly/fault.ts`. */
  faultKind(): number;
  faultAt(): number;
}
