import type { ComponentShape } from '@lodge/core';

/** Whether a component exports a WASI 0.2 interface; `name` has no version. */
export function exportsInterface(shape: ComponentShape, name: string): boolean {
  return shape.exports.some(({ id }) => id?.startsWith(`${name}@0.2.`));
}
