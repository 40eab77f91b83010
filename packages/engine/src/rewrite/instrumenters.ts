import { HostError } from '@lodge/core';
import { type Instrumenter, instrumenterCode } from '@lodge-internal/instrumenter';

/** Bytes of memory of an instance that is worth keeping: most modules are small, and some components have hundreds. */
const keptBytes = 1_048_576;

/** Compiled when it is first needed, at once: V8 compiles in turn, and the component may be large. */
let program: WebAssembly.Module | undefined;
/** An instance that nobody uses. */
let idle: Instrumenter | undefined;

/**
 * An instance for one code section.
 *
 * @throws HostError `ERR_LIMIT_EXCEEDED` when there is no room for one
 */
export function takeInstrumenter(): Instrumenter {
  const kept = idle;
  idle = undefined;
  if (kept !== undefined) return kept;
  try {
    program ??= new WebAssembly.Module(instrumenterCode());
    return new WebAssembly.Instance(program).exports as unknown as Instrumenter;
  } catch (error) {
    throw outOfMemory(error);
  }
}

/** Whether an instance is so small that it is used again: then what it has written is to be copied first. */
export function isKept({ memory }: Instrumenter): boolean {
  return memory.buffer.byteLength <= keptBytes;
}

/** Takes an instance back whose work is done. What failed is not given back. */
export function giveBack(instrumenter: Instrumenter): void {
  if (!isKept(instrumenter)) return;
  instrumenter.reset();
  idle = instrumenter;
}

export function outOfMemory(cause: unknown): HostError {
  return new HostError(
    'ERR_LIMIT_EXCEEDED',
    'There is no memory to read the code of a component; wait until others have ended, or make it smaller.',
    { cause },
  );
}
