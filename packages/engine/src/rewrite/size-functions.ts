import { leb, signedLeb } from './leb.js';

/** 65,536 pages are all that 32-bit addresses reach. */
const maxPages = 65_536;

/** What tells the size of a memory whose virtual size, in pages, is in global `pages`. */
export function sizeBody(pages: number): number[] {
  return [0x23, ...leb(pages)];
}

/**
 * What grows such a memory by its one parameter, in pages: within what the memory really has by counting, beyond it by really growing. Real pages
 * that no life uses are zero.
 */
export function growBody(memory: number, pages: number): number[] {
  const real = [0x3f, ...leb(memory)];
  const delta = [0x20, 0x00];
  const virtual = [0x23, ...leb(pages)];
  const fail = [0x04, 0x40, 0x41, 0x7f, 0x0f, 0x0b];
  return [
    // if (delta > maxPages) return -1; wanted = virtual + delta
    ...[...delta, 0x41, ...signedLeb(maxPages), 0x4b, ...fail],
    ...[...virtual, ...delta, 0x6a, 0x21, 0x00],
    // if (wanted > real && memory.grow(wanted - real) == -1) return -1
    ...[0x20, 0x00, ...real, 0x4b, 0x04, 0x40],
    ...[0x20, 0x00, ...real, 0x6b, 0x40, ...leb(memory), 0x41, 0x7f, 0x46, ...fail, 0x0b],
    // return virtual, which is now what was wanted
    ...[...virtual, 0x20, 0x00, 0x24, ...leb(pages)],
  ];
}

/** What asks the module that defines a memory: a call through entry `entry` of a table that is filled when both exist. */
export function forwardBody(paramCount: number, entry: number, type: number, table: number): number[] {
  const params = Array.from({ length: paramCount }, (_, index) => [0x20, ...leb(index)]).flat();
  return [...params, 0x41, ...signedLeb(entry), 0x11, ...leb(type), ...leb(table)];
}
