import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { messageOf } from '../message-of.ts';
import type { Case, SampleReply, SampleRequest, SubjectHello, SubjectTask } from './case.ts';
import { caseMakers } from './cases.ts';
import { Sampler } from './sampler.ts';

// The process of one subject: says what it can do, then takes a sample for each line it reads, and ends with its input.
const task: SubjectTask = JSON.parse(process.argv[2] ?? '{}');
const cases: Case[] = [];
const failures: string[] = [];
for (const make of await caseMakers(task)) {
  try {
    cases.push(...[await make()].flat());
  } catch (error) {
    failures.push(messageOf(error));
  }
}
const samplers = cases.map((one) => new Sampler(one));
// What loading this program leaves behind is not to be collected within a sample.
setFlagsFromString('--expose-gc');
runInNewContext('gc')();
say({ cases: cases.map(({ component, unit }) => ({ component, unit })), failures } satisfies SubjectHello);
for await (const line of createInterface({ input: process.stdin })) {
  say(await sample(JSON.parse(line)));
}
process.exit();

async function sample(request: SampleRequest): Promise<SampleReply> {
  try {
    const value = await samplers[request.case]?.sample(request.ms);
    return value === undefined ? { error: `there is no case ${request.case}` } : { value };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

function say(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
