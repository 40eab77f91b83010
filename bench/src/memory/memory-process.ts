import { setImmediate as nextTurn } from 'node:timers/promises';
import { median } from '../statistics.ts';
import { freshInstances, httpRequests, type Work, warmCalls } from './work.ts';

/** What the process of one subject finds. */
export interface MemoryReply {
  /** How much more heap is used in the last third than in the middle third, in percent. */
  readonly growth: number;
  /** Megabytes of heap in use in the last third, after a forced collection. */
  readonly heap: number;
  /** Megabytes of resident set in the last third, over that of the process before the first step. */
  readonly rssOverIdle: number;
  /** Milliseconds between two of them at worst, forced collections left out. */
  readonly longestPause: number;
}

/** Where the heap is looked at: a third of them after the warm-up, a third in the middle, a third at the end. */
const steps = 30;

const [component, subject = '', file = '', count = '0'] = process.argv.slice(2);
const work = await workOf();
const idle = await look();
const heaps: number[] = [];
const residents: number[] = [];
let longestPause = 0;
for (let step = 0; step < steps; step++) {
  longestPause = Math.max(longestPause, await work(Math.ceil(Number(count) / steps)));
  const { heap, rss } = await look();
  heaps.push(heap);
  residents.push(rss);
}
const third = steps / 3;
const last = median(heaps.slice(-third));
const reply: MemoryReply = {
  growth: (last / median(heaps.slice(third, -third)) - 1) * 100,
  heap: last,
  rssOverIdle: median(residents.slice(-third)) - idle.rss,
  longestPause,
};
process.stdout.write(`${JSON.stringify(reply)}\n`);
process.exit();

function workOf(): Promise<Work> {
  switch (component) {
    case 'fresh instances':
      return freshInstances(file, subject === 'lodge plain');
    case 'warm calls':
      return warmCalls(file);
    case 'http requests':
      return httpRequests(file, subject === 'lodge warm' ? 1 : 0);
    default:
      throw new RangeError(`there is no work called ${component}`);
  }
}

/** Megabytes, after everything that can be collected is. */
async function look(): Promise<{ heap: number; rss: number }> {
  for (let round = 0; round < 3; round++) {
    await nextTurn();
    globalThis.gc?.();
  }
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed / 1_000_000, rss: rss / 1_000_000 };
}
