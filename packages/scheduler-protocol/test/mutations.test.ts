import { expect, test } from 'vitest';
import { randomNumbers } from './random-messages.js';
import { eventually, Lattice, startRequest } from './running.js';

/** Another seed makes other messages; what fails is found again with the seed that was printed. */
const seed = Number(process.env['LODGE_SEED'] ?? 20_261_122);
const count = Number(process.env['LODGE_MUTATIONS'] ?? 5_000);

const commands = ['workload.start', 'workload.stop', 'workload.status', 'heartbeat', 'workload', 'x.y.z'];

const samples: readonly string[] = [
  JSON.stringify(startRequest('w-1')),
  JSON.stringify(startRequest('w-2', 'nope')),
  '{"workload_id":"w-3","workload":{"namespace":"n","name":"a","wit_world":{"components":[{"name":"c","image":"test/counters","pool_size":"2","local_resources":{"config":{"a":"b"},"allowed_hosts":["*"]}}],"host_interfaces":[{"namespace":"wasi","package":"http","interfaces":["types"],"version":"0.2.0"}]},"service":{"image":"nope","max_restarts":"1"},"volumes":[{"name":"v","empty_dir":{}}]}}',
  '{"workloadId":"w-1"}',
  '{"workload_id":"w-2"}',
  '{}',
  '',
];

/** What goes in between. */
const scraps = [
  'null',
  '[]',
  '{}',
  '"',
  '\\',
  '\u0000',
  '-',
  '1e999',
  '9'.repeat(30),
  '"__proto__":{}',
  ',',
  ':',
  'NaN',
  '\ud83d',
  '[[[[[[[[',
  'w',
];

function mutate(sample: string, random: () => number): Uint8Array {
  let data: Uint8Array = new TextEncoder().encode(sample);
  const at = (): number => Math.floor(random() * (data.length + 1));
  const splice = (from: number, to: number, scrap: Uint8Array): void => {
    const result = new Uint8Array(from + scrap.length + data.length - to);
    result.set(data.subarray(0, from));
    result.set(scrap, from);
    result.set(data.subarray(to), from + scrap.length);
    data = result;
  };
  const none = new Uint8Array();
  for (let changes = Math.floor(random() * 4); changes > 0; changes -= 1) {
    const [a, b] = [at(), at()];
    const [from, to] = a < b ? [a, b] : [b, a];
    const scrap = new TextEncoder().encode(scraps[Math.floor(random() * scraps.length)]);
    const kind = Math.floor(random() * 5);
    if (kind === 0) splice(from, to, none);
    else if (kind === 1) splice(from, from, scrap);
    else if (kind === 2) splice(from, Math.min(to, from + 6), scrap);
    else if (kind === 3) splice(from, from, data.slice(from, to));
    else if (data.length > 0) data[Math.min(from, data.length - 1)] = Math.floor(random() * 256);
  }
  return data;
}

test(`${count} mutated messages on every subject are all answered, and leave nothing behind (LODGE_SEED=${seed})`, async () => {
  await using lattice = await Lattice.start();
  const { host, log } = await lattice.host();
  const random = randomNumbers(seed);
  const states = new Map<string, number>();
  const ids = new Set<string>();
  let silent = 0;
  for (let sent = 0; sent < count; ) {
    const batch: Promise<void>[] = [];
    for (; batch.length < 100 && sent < count; sent += 1) {
      const command = commands[Math.floor(random() * commands.length)] ?? '';
      const data = mutate(samples[Math.floor(random() * samples.length)] ?? '', random);
      const name = `message ${sent} for ${command}`;
      // Some come without a reply subject: then the log has a line.
      if (random() < 0.1) {
        lattice.connection.publish(`runtime.host.${host.id}.${command}`, data);
        silent += 1;
        continue;
      }
      batch.push(
        lattice.ask(host, command, data).then(
          (answer) => {
            const { workloadStatus } = answer as { workloadStatus?: { workloadId?: string; workloadState: string } };
            if (command === 'heartbeat') expect(answer, name).toMatchObject({ id: host.id });
            else expect(workloadStatus?.workloadState, name).toMatch(/^WORKLOAD_STATE_[A-Z_]+$/);
            const state = workloadStatus?.workloadState ?? 'heartbeat';
            states.set(state, (states.get(state) ?? 0) + 1);
            if (workloadStatus?.workloadId !== undefined) ids.add(workloadStatus.workloadId);
          },
          (error: unknown) => {
            throw new Error(`${name} had no answer: ${Buffer.from(data).toString('latin1')}`, { cause: error });
          },
        ),
      );
    }
    await Promise.all(batch);
  }
  // Mutations that no longer reach anything would prove nothing.
  for (const state of ['RUNNING', 'ERROR', 'NOT_FOUND', 'STOPPING']) {
    expect(states.get(`WORKLOAD_STATE_${state}`), state).toBeGreaterThan(0);
  }
  const silentlyDone = (): number => log.filter(({ message }) => message.startsWith('a request without')).length;
  await eventually(silentlyDone).toBe(silent);
  for (const id of ids) {
    if (id !== '') await host.workloadStop(id);
  }
  // Only those whose answers nobody read may still be there: their ids are in the log.
  for (const { message, fields } of log) {
    if (!message.startsWith('a request without')) continue;
    const [, id] = /"workloadId":"((?:[^"\\]|\\.)*)"/.exec(String(fields['answer'])) ?? [];
    if (id !== undefined) await host.workloadStop(JSON.parse(`"${id}"`));
  }
  await eventually(() => host.heartbeat().workloadCount).toBe(0);
  expect(await lattice.askStatus(host, 'workload.start', startRequest('after'))).toMatchObject({
    workloadState: 'WORKLOAD_STATE_RUNNING',
  });
});
