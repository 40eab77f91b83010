import { type DevServer, lodgeDev } from '@lodge-internal/lodge-dev';
import { startNatsServer } from '@lodge-internal/test-nats';
import { connect, createInbox } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';

function dev(...flags: string[]): Promise<DevServer> {
  return lodgeDev(new URL('..', import.meta.url), ...flags);
}

async function get(url: string): Promise<string> {
  return (await fetch(url)).text();
}

// Without a cached build, a JavaScript engine goes into each component first.
describe('the pair', { timeout: 240_000 }, () => {
  test('talks in memory: the worker does what the gateway asks for', async () => {
    await using server = await dev();
    expect(await get(`${server.url}/reverse?text=lodge`)).toBe('egdol\n');
    expect(await get(`${server.url}/shout?text=lodge`)).toBe('LODGE\n');
    expect(await get(`${server.url}/dance`)).toBe('no answer: request timed out after 2000ms\n');
  });

  test('talks over NATS with one flag, where others can ask the worker too', async () => {
    await using nats = await startNatsServer({ jetStream: false });
    await using server = await dev('--nats', nats.url);
    expect(await get(`${server.url}/reverse?text=lodge`)).toBe('egdol\n');
    const connection = await connect({ servers: nats.url });
    expect((await connection.request('tasks.shout', 'hello')).string()).toBe('HELLO');
    await connection.close();
  });

  test('shares the work of two hosts, so that each task is done once', async () => {
    await using nats = await startNatsServer({ jetStream: false });
    await using one = await dev('--nats', nats.url);
    await using other = await dev('--nats', nats.url);
    const connection = await connect({ servers: nats.url });
    // The worker may answer into an inbox that comes with a task, and publish nowhere else.
    const inbox = createInbox();
    const answers: string[] = [];
    connection.subscribe(inbox, { callback: (_error, message) => void answers.push(message.string()) });
    for (let task = 0; task < 20; task++) connection.publish('tasks.shout', `task ${task}`, { reply: inbox });
    await connection.flush();
    // Each host answers for itself, too: what it was sent before is done by then.
    await expect.poll(() => answers.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(20);
    await Promise.all([one, other].map(({ url }) => get(`${url}/shout?text=over`)));
    expect(new Set(answers).size).toBe(20);
    expect(answers).toHaveLength(20);
    await connection.close();
  });
});
