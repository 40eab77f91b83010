import { Reader } from '../binary/reader.js';
import { type BodyFacts, readBody } from './body.js';
import type { ModuleLayout } from './module-layout.js';

/** How many bytes of code are looked at between two turns of the event loop: a few milliseconds of work. */
const sliceBytes = 262_144;

/** Hands out `body` after `body` of a module, in slices, so that a large module does not stall the event loop. */
export async function eachBody(
  layout: ModuleLayout,
  visit: (body: BodyFacts, bytes: Uint8Array) => void,
): Promise<void> {
  const code = layout.sections.find((section) => section.id === 10);
  if (code === undefined) return;
  const reader = new Reader(code.payload);
  const count = reader.u32();
  let sliceEnd = sliceBytes;
  for (let index = 0; index < count; index++) {
    visit(readBody(reader.slice(reader.u32())), code.payload);
    if (reader.position > sliceEnd) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      sliceEnd = reader.position + sliceBytes;
    }
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
