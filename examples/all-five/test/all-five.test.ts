import { type DevServer, lodgeDev } from '@lodge-internal/lodge-dev';
import { type NatsServer, startNatsServer } from '@lodge-internal/test-nats';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { describe, expect, test, vi } from 'vitest';

function dev(...flags: string[]): Promise<DevServer> {
  return lodgeDev(new URL('..', import.meta.url), ...flags);
}

async function get(url: string): Promise<string> {
  return (await fetch(url)).text();
}

async function write(url: string, text: string): Promise<string> {
  return (await fetch(url, { method: 'POST', body: text })).text();
}

/** Settles when the message of each entry has arrived and was handled. */
async function hasRead(url: string, count: number): Promise<void> {
  await vi.waitFor(async () => expect(await get(url)).toBe(`Welcome to the lodge! ${count} entries, ${count} read\n`), {
    timeout: 10_000,
  });
}

/** Runs `use`, and answers with the first record that anybody logs meanwhile. */
async function firstRecord(nats: NatsServer, use: () => Promise<void>): Promise<unknown> {
  const client = await connect({ servers: nats.url });
  try {
    const records = client.subscribe('lodge.logs.>', { max: 1 });
    await client.flush();
    await use();
    for await (const record of records) return record.json();
    return undefined;
  } finally {
    await client.close();
  }
}

// Without a cached build, a JavaScript engine goes into the component first.
describe('the guest book', { timeout: 120_000 }, () => {
  test('keeps entries in memory and reads each one once', async () => {
    await using server = await dev();
    expect(await get(`${server.url}/1`)).toBe('no such entry\n');
    expect(await write(server.url, 'We liked the fire.')).toBe('/1\n');
    expect(await write(server.url, 'x'.repeat(10_000))).toBe('/2\n');
    expect(await get(`${server.url}/1`)).toBe('We liked the fire.');
    expect(await get(`${server.url}/2`)).toBe('x'.repeat(10_000));
    await hasRead(server.url, 2);
  });

  test('with one flag keeps them in NATS, and logs there', async () => {
    await using nats = await startNatsServer();
    const record = await firstRecord(nats, async () => {
      await using server = await dev('--nats', nats.url);
      expect(await write(server.url, 'We liked the fire.')).toBe('/1\n');
      await hasRead(server.url, 1);
    });
    expect(record).toMatchObject({ context: 'guest-book', message: 'entry 1: We liked the fire.' });
    await using server = await dev('--nats', nats.url);
    expect(await get(`${server.url}/1`)).toBe('We liked the fire.');
    expect(await write(server.url, 'So did we.')).toBe('/2\n');
    await hasRead(server.url, 2);
  });

  test('greets as the store in NATS says, from then on', async () => {
    await using nats = await startNatsServer();
    const client = await connect({ servers: nats.url });
    try {
      const values = await new Kvm(client).create('default__config');
      await using server = await dev('--nats', nats.url);
      expect(await get(server.url)).toMatch(/^Welcome to the lodge!/);
      await values.put('greeting', 'Good evening!');
      await vi.waitFor(async () => expect(await get(server.url)).toMatch(/^Good evening!/));
    } finally {
      await client.close();
    }
  });
});
