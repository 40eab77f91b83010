import { lanes, type Work, type WorkOptions } from './task.ts';

/**
 * Work in {@link lanes} that go on side by side.
 *
 * @param once what one lane does again and again: `count` operations on the key of that lane
 */
export function inLanes(once: (key: string, count: number) => Promise<unknown>): Work {
  return async ({ count, isOver }: WorkOptions) => {
    let done = 0;
    const lane = async (_: unknown, number: number): Promise<void> => {
      do {
        await once(`key-${number}`, count);
        done += count;
      } while (!isOver());
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return done;
  };
}
