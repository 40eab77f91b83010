import { Reader } from '../binary/reader.js';
import { readBody } from './body.js';
import type { BodyFacts } from './body-facts.js';
import type { ModuleLayout } from './module-layout.js';
import { Slices } from './slices.js';

/** Hands out `body` after `body` of a module, in slices, so that a large module does not stall the event loop. */
export async function eachBody(
  layout: ModuleLayout,
  visit: (body: BodyFacts, bytes: Uint8Array) => void,
): Promise<void> {
  const code = layout.sections.find((section) => section.id === 10);
  if (code === undefined) return;
  const reader = new Reader(code.payload);
  const count = reader.u32();
  const slices = new Slices();
  for (let index = 0; index < count; index++) {
    visit(readBody(reader.slice(reader.u32())), code.payload);
    if (slices.isOver) await slices.next();
  }
}

/** Whether the code of a module changes state that a snapshot of memories and globals does not hold. */
export async function changesHiddenState(layout: ModuleLayout): Promise<boolean> {
  let isHidden = false;
  await eachBody(layout, (body) => {
    isHidden ||= body.changesHiddenState;
  });
  return isHidden;
}
