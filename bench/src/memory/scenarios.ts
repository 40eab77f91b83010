import { fileURLToPath } from 'node:url';
import type { Effort } from '../effort.ts';
import { LineProcess } from '../line-process.ts';
import { messageOf } from '../message-of.ts';
import type { Run, Scenario } from '../scenario.ts';
import type { MemoryReply } from './memory-process.ts';

const timeoutMs = 120_000;

interface Work {
  readonly component: string;
  readonly subjects: readonly string[];
  count(effort: Effort, subject: string): number;
}

const works: readonly Work[] = [
  {
    component: 'fresh instances',
    subjects: ['lodge', 'lodge plain'],
    count: ({ freshInstances, warmCalls }, subject) => (subject === 'lodge' ? warmCalls : freshInstances),
  },
  { component: 'warm calls', subjects: ['lodge'], count: ({ warmCalls }) => warmCalls },
  {
    component: 'http requests',
    subjects: ['lodge warm', 'lodge fresh'],
    count: ({ freshInstances }) => freshInstances,
  },
];

/** The scenarios of memory. */
export const memoryScenarios: readonly Scenario[] = [
  {
    names: ['memory'],
    components: ['lean'],
    async run(run) {
      const found: { component: string; subject: string; reply: MemoryReply }[] = [];
      for (const { component, subjects, count } of works) {
        for (const subject of subjects) {
          try {
            found.push({
              component,
              subject,
              reply: await measure(run, component, subject, count(run.effort, subject)),
            });
          } catch (error) {
            run.note(`memory ${component} without ${subject}: ${messageOf(error)}`);
          }
        }
      }
      for (const { component, subject, reply } of found)
        run.report({ scenario: 'memory/heap-growth', component, subject, value: reply.growth, unit: '%' });
      for (const { component, subject, reply } of found)
        run.report({ scenario: 'memory/heap', component, subject, value: reply.heap, unit: 'MB' });
      for (const { component, subject, reply } of found)
        run.report({ scenario: 'memory/rss-over-idle', component, subject, value: reply.rssOverIdle, unit: 'MB' });
      for (const { component, subject, reply } of found)
        run.report({ scenario: 'memory/longest-pause', component, subject, value: reply.longestPause, unit: 'ms' });
    },
  },
];

async function measure(run: Run, component: string, subject: string, count: number): Promise<MemoryReply> {
  const script = fileURLToPath(new URL('./memory-process.ts', import.meta.url));
  const args = ['--expose-gc', script, component, subject, run.components.get('lean') ?? '', String(count)];
  const process = new LineProcess({ args });
  try {
    return await process.ask<MemoryReply>(undefined, timeoutMs);
  } finally {
    await process.end(0);
  }
}
