import { Reader } from '../binary/reader.js';

/** Where the function bodies of a core module are, in bytes of the module. */
export interface CodeMap {
  /** Where the payload of the code section begins, from which debug information counts. */
  readonly payloadStart: number;
  /** By the index of a function among those that the module defines. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** Finds the bodies of a module that is known to be well-formed; none where it has no code. */
export function mapCode(module: Uint8Array): CodeMap {
  const reader = new Reader(module, 8);
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const section = reader.slice(reader.u32());
    if (id !== 10) continue;
    const payloadStart = section.position;
    const count = section.u32();
    const starts = new Uint32Array(count);
    const ends = new Uint32Array(count);
    for (let index = 0; index < count; index++) {
      const body = section.slice(section.u32());
      starts[index] = body.position;
      ends[index] = body.end;
    }
    return { payloadStart, starts, ends };
  }
  return { payloadStart: 0, starts: new Uint32Array(0), ends: new Uint32Array(0) };
}
