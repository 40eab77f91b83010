import { lodgeEngine } from '@lodge/engine';
import { expect, vi } from 'vitest';
import { compileText, type Opened, type Started } from './start.js';

/** What the engine changes in the code of a component. */
export interface Rewriting {
  readonly isInterruptible: boolean;
  /** Whether the growth of memory can be undone. */
  readonly isResettable: boolean;
}

export const asItIs: Rewriting = { isInterruptible: false, isResettable: false };
export const allAtOnce: Rewriting = { isInterruptible: true, isResettable: true };
export const rewritings: readonly Rewriting[] = [
  asItIs,
  { isInterruptible: true, isResettable: false },
  { isInterruptible: false, isResettable: true },
  allAtOnce,
];

/** Lives of a component whose code has been changed so; its export `grow` grows its one memory of one page by one. */
export async function compileRewritten(
  text: string,
  { isInterruptible, isResettable }: Rewriting,
): Promise<Started['open']> {
  const engine = lodgeEngine({ keepsGrownMemories: isResettable });
  const { open } = await compileText(text, { isInterruptible }, engine);
  const grow = async (life: Opened): Promise<void> => {
    await life.call('grow');
    life.instance.dispose();
  };
  if (isResettable) {
    await vi.waitFor(async () => {
      await grow(open());
      const next = open();
      expect(next.instance.memoryBytes).toBe(131_072);
      await grow(next);
    });
  }
  return open;
}
