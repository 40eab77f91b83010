import { createInterface } from 'node:readline';
import type { SampleReply, SampleRequest, SubjectHello, SubjectTask } from './case.ts';
import { casesOf } from './cases.ts';
import { Sampler } from './sampler.ts';

// The process of one subject: says what it can do, then takes a sample for each line it reads, and ends with its input.
const task: SubjectTask = JSON.parse(process.argv[2] ?? '{}');
const cases = await casesOf(task);
const samplers = cases.map((one) => new Sampler(one));
say({ cases: cases.map(({ component, unit }) => ({ component, unit })) } satisfies SubjectHello);
for await (const line of createInterface({ input: process.stdin })) {
  const request: SampleRequest = JSON.parse(line);
  const sampler = samplers[request.case];
  if (sampler === undefined) throw new RangeError(`there is no case ${request.case}`);
  say({ value: await sampler.sample(request.ms) } satisfies SampleReply);
}
process.exit();

function say(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
