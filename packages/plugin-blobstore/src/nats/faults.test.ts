import { randomBytes } from 'node:crypto';
import { type NatsServer, startNatsServer } from '@lodge-internal/test-nats';
import { jetstreamManager } from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, expect, test } from 'vitest';
import { blobstorePlugin } from '../plugin.js';
import { type BlobstoreImports, bind, get, put, startPlugin, told } from '../testing/workload.js';
import type { Container } from '../wit/container.js';
import { type NatsBlobstoreOptions, natsBlobstore } from './backend.js';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

const shared = { config: { shared: 'true' } };

async function server(config = ''): Promise<NatsServer> {
  const started = await startNatsServer({ config });
  opened.push(started);
  return started;
}

async function bound(options: NatsBlobstoreOptions): Promise<BlobstoreImports> {
  const plugin = blobstorePlugin({ backends: [natsBlobstore({ timeoutMs: 1_000, ...options })] });
  opened.push(await startPlugin(plugin));
  const imports = await bind(plugin, shared);
  opened.push(imports);
  return imports;
}

async function client(url: string): Promise<NatsConnection> {
  const connection = await connect({ servers: url });
  opened.push({ [Symbol.asyncDispose]: () => connection.close() });
  return connection;
}

/** A value that is being written: `more` sends further bytes. */
async function writing(
  { OutgoingValue }: BlobstoreImports,
  container: Container,
  name: string,
): Promise<{ more(bytes: number): Promise<void>; finish(): Promise<void> }> {
  const value = OutgoingValue.newOutgoingValue();
  const stream = value.outgoingValueWriteBody();
  await container.writeData(name, value);
  return {
    async more(bytes) {
      for (let sent = 0; sent < bytes; sent += 4096) await stream.blockingWriteAndFlush(new Uint8Array(4096));
    },
    finish() {
      stream[Symbol.dispose]();
      return OutgoingValue.finish(value);
    },
  };
}

/** Waits until operations succeed again. */
async function works(imports: BlobstoreImports, container: Container): Promise<void> {
  await expect.poll(() => told(put(imports, container, 'after', 'works again')), { timeout: 15_000 }).toBe('nothing');
  expect(Buffer.from(await get(imports, container, 'after')).toString()).toBe('works again');
}

test('an object of another client can be read, whole and in part, and ours can be read by it', async () => {
  const nats = await server();
  const imports = await bound({ url: nats.url });
  const store = await new Objm(await client(nats.url)).create('photos');
  const theirs = randomBytes(400_000);
  await store.putBlob({ name: 'their cat' }, theirs);
  const container = await imports.blobstore.getContainer('photos');
  expect(Buffer.from(await get(imports, container, 'their cat')).equals(theirs)).toBe(true);
  expect(
    Buffer.from(await get(imports, container, 'their cat', 131_000n, 300_000n)).equals(
      theirs.subarray(131_000, 300_001),
    ),
  ).toBe(true);
  const ours = randomBytes(400_000);
  await put(imports, container, 'our cat', ours);
  expect(ours.equals((await store.getBlob('our cat')) ?? new Uint8Array())).toBe(true);
  await put(imports, container, 'their cat', 'now ours');
  expect(Buffer.from((await store.getBlob('their cat')) ?? []).toString()).toBe('now ours');
  await store.delete('our cat');
  expect(await container.hasObject('our cat')).toBe(false);
  expect(await told(container.objectInfo('our cat'))).toBe('no such object');
  const [names] = await (await container.listObjects()).readStreamObjectNames(10n);
  expect(names).toEqual(['their cat']);
});

test('an object that is deleted while it is read breaks the stream at once', async () => {
  const nats = await server();
  const imports = await bound({ url: nats.url });
  const container = await imports.blobstore.createContainer('photos');
  await put(imports, container, 'cat', randomBytes(6_000_000));
  const stream = imports.IncomingValue.incomingValueConsumeAsync(await container.getData('cat', 0n, 2n ** 64n - 1n));
  await stream.blockingRead(10n);
  await container.deleteObject('cat');
  const started = performance.now();
  const readOn = async (): Promise<never> => {
    for (;;) await stream.blockingRead(65_536n);
  };
  expect(await told(readOn())).toBe('the object was replaced or deleted while it was read');
  expect(performance.now() - started).toBeLessThan(2_000);
  await works(imports, container);
});

test('a server that restarts breaks uploads and downloads, keeps what was finished, and is used again', async () => {
  const nats = await server();
  const imports = await bound({ url: nats.url });
  const container = await imports.blobstore.createContainer('photos');
  const kept = randomBytes(3_000_000);
  await put(imports, container, 'kept', kept);
  await put(imports, container, 'replaced', 'as it was');
  const upload = await writing(imports, container, 'replaced');
  await upload.more(1_000_000);
  const download = imports.IncomingValue.incomingValueConsumeAsync(await container.getData('kept', 0n, 2n ** 64n - 1n));
  await download.blockingRead(10n);
  await nats.kill();
  const text = 'the blob store is not available';
  const started = performance.now();
  expect(await told(upload.more(10_000_000))).toBe(text);
  expect(await told(upload.finish())).toBe(text);
  const readOn = async (): Promise<never> => {
    for (;;) await download.blockingRead(65_536n);
  };
  expect(await told(readOn())).toBe(text);
  expect(await told(container.hasObject('kept'))).toBe(text);
  expect(performance.now() - started).toBeLessThan(8_000);
  await nats.start();
  await works(imports, container);
  expect(Buffer.from(await get(imports, container, 'kept')).equals(kept)).toBe(true);
  expect(Buffer.from(await get(imports, container, 'replaced')).toString()).toBe('as it was');
  // What the broken upload left is removed once the connection is back.
  const { streams } = await jetstreamManager(await client(nats.url));
  await expect.poll(async () => (await streams.info('OBJ_photos')).state.bytes).toBeLessThan(3_100_000);
});

test('a connection that is cut for 5 seconds fails what is running at once, and what comes meanwhile in time', async () => {
  const nats = await server();
  const proxy = await nats.proxy();
  const imports = await bound({ url: proxy.address });
  const container = await imports.blobstore.createContainer('photos');
  const upload = await writing(imports, container, 'cat');
  await upload.more(300_000);
  await proxy.cut();
  const started = performance.now();
  const text = 'the blob store is not available';
  expect(await told(upload.finish())).toBe(text);
  expect(await told(container.hasObject('cat'))).toBe(text);
  expect(performance.now() - started).toBeLessThan(5_000);
  while (performance.now() - started < 5_000) {
    const asked = performance.now();
    expect(await told(container.hasObject('cat'))).toBe(text);
    expect(performance.now() - asked).toBeLessThan(3_000);
  }
  await proxy.restore();
  await works(imports, container);
  expect(await container.hasObject('cat')).toBe(false);
});

test('a server that is slow is waited for, and delays no chunk more than once', async () => {
  const nats = await server();
  const proxy = await nats.proxy();
  const imports = await bound({ url: proxy.address });
  const container = await imports.blobstore.createContainer('photos');
  const content = randomBytes(2_000_000);
  proxy.delay(50);
  const started = performance.now();
  await put(imports, container, 'cat', content);
  expect(Buffer.from(await get(imports, container, 'cat')).equals(content)).toBe(true);
  // 16 chunks each way, with a round trip of 100 ms: one by one they would take over 3 s.
  expect(performance.now() - started).toBeLessThan(3_000);
});

test('a server that does not answer is given up after the timeout', async () => {
  const nats = await server();
  const proxy = await nats.proxy();
  const imports = await bound({ url: proxy.address });
  const container = await imports.blobstore.createContainer('photos');
  proxy.stall();
  expect(await told(container.hasObject('cat'))).toBe('the blob store did not answer in time');
  expect(await told(put(imports, container, 'cat', 'meow'))).toBe('the blob store did not answer in time');
  await proxy.restore();
  await works(imports, container);
});

test('what the account may not do is unauthorized, and the rest goes on', async () => {
  const nats = await server(
    'authorization { users: [ { user: all, password: p }, { user: a, password: b, permissions: { publish: { deny: ["$O.secret.>", "$JS.API.STREAM.CREATE.>"] } } } ] }',
  );
  const admin = await connect({ servers: nats.url, user: 'all', pass: 'p' });
  for (const name of ['secret', 'photos']) await new Objm(admin).create(name);
  await admin.close();
  const imports = await bound({ url: nats.url, user: 'a', password: 'b' });
  expect(await told(imports.blobstore.createContainer('new'))).toBe('unauthorized');
  const secret = await imports.blobstore.getContainer('secret');
  expect(await told(put(imports, secret, 'cat', 'meow'))).toBe('unauthorized');
  expect(await secret.hasObject('cat')).toBe(false);
  await works(imports, await imports.blobstore.getContainer('photos'));
});

test('a bucket that goes away is no such container, while it is written and read too', async () => {
  const nats = await server();
  const imports = await bound({ url: nats.url });
  const { streams } = await jetstreamManager(await client(nats.url));
  const container = await imports.blobstore.createContainer('photos');
  await put(imports, container, 'cat', 'meow');
  const upload = await writing(imports, container, 'dog');
  await upload.more(300_000);
  const reading = await container.getData('cat', 0n, 9n);
  await streams.delete('OBJ_photos');
  const text = 'no such container';
  expect(await told(upload.finish())).toBe(text);
  expect(await told(imports.IncomingValue.incomingValueConsumeSync(reading))).toBe(text);
  expect(await told(container.hasObject('cat'))).toBe(text);
  await works(imports, await imports.blobstore.createContainer('photos'));
});

test('a full bucket is told, and has space again after a deletion', async () => {
  const nats = await server();
  const imports = await bound({ url: nats.url, maxContainerBytes: 1_000_000 });
  const container = await imports.blobstore.createContainer('photos');
  await put(imports, container, 'cat', new Uint8Array(700_000));
  expect(await told(put(imports, container, 'dog', new Uint8Array(700_000)))).toBe('the blob store is full');
  await container.deleteObject('cat');
  await expect.poll(() => told(put(imports, container, 'dog', new Uint8Array(700_000)))).toBe('nothing');
});

test('records and chunks that somebody has tampered with are errors, not crashes', async () => {
  const nats = await server();
  const imports = await bound({ url: nats.url });
  const connection = await client(nats.url);
  const container = await imports.blobstore.createContainer('photos');
  const record = {
    name: 'x',
    bucket: 'photos',
    nuid: 'abc',
    size: 10,
    chunks: 1,
    digest: 'SHA-256=x',
    options: { max_chunk_size: 131_072 },
  };
  const { jetstream } = await import('@nats-io/jetstream');
  const js = jetstream(connection);
  await js.publish('$O.photos.C.abc', new Uint8Array(10));
  for (const [index, text] of [
    'no json',
    '[]',
    'null',
    '7',
    JSON.stringify({ ...record, size: -1 }),
    JSON.stringify({ ...record, nuid: 'a.>' }),
    JSON.stringify({ ...record, nuid: '>', deleted: true }),
    JSON.stringify({ ...record, options: { link: { bucket: 'secret', name: 'x' } } }),
    JSON.stringify(record),
    JSON.stringify({ ...record, metadata: { 'lodge-chunks': '1-9' } }),
  ].entries()) {
    const name = `bad-${index}`;
    await js.publish(
      `$O.photos.M.${Buffer.from(name)
        .toString('base64url')
        .padEnd(Math.ceil(name.length / 3) * 4, '=')}`,
      text,
    );
    expect(await told(get(imports, container, name)), text).toBe('the blob store failed');
  }
  const big = JSON.stringify({ ...record, size: 1_000_000, chunks: 8 });
  await js.publish(`$O.photos.M.${Buffer.from('big').toString('base64url')}`, big);
  expect(await told(get(imports, container, 'big'))).toBe('the object was replaced or deleted while it was read');
  await works(imports, container);
});

test('a write whose answer is lost is an error, and its content is kept for the case that the server has it', async () => {
  const nats = await server();
  const proxy = await nats.proxy();
  const imports = await bound({ url: proxy.address });
  const container = await imports.blobstore.createContainer('photos');
  const content = randomBytes(200_000);
  // The server has the record, and its answer is on its way through a slow network that breaks down now.
  const connection = await client(nats.url);
  connection.subscribe('$O.photos.M.>', { callback: () => proxy.stall() });
  await connection.flush();
  proxy.delay(50);
  expect(await told(put(imports, container, 'cat', content))).toBe('the blob store did not answer in time');
  await proxy.restore();
  await expect.poll(() => container.hasObject('cat').catch(() => false), { timeout: 10_000 }).toBe(true);
  expect(Buffer.from(await get(imports, container, 'cat')).equals(content)).toBe(true);
});

test('a server that is not there fails the start and says so', async () => {
  const nats = await server();
  await nats.stop();
  await expect(startPlugin(blobstorePlugin({ backends: [natsBlobstore({ url: nats.url })] }))).rejects.toMatchObject({
    code: 'ERR_CONFIG_INVALID',
    message: expect.stringContaining('cannot be reached'),
  });
});

test('without an address nothing is connected to before a workload needs it', async () => {
  const nats = await server();
  const plugin = blobstorePlugin({ backends: [natsBlobstore()] });
  opened.push(await startPlugin(plugin));
  const imports = await bind(plugin, { config: { url: nats.url } });
  opened.push(imports);
  await works(imports, await imports.blobstore.createContainer('photos'));
});

test('an entry may name a server of its own, which the login of the host is not for', async () => {
  const [first, second] = [await server(), await server('authorization { user: ann, password: p }')];
  const plugin = blobstorePlugin({ backends: [natsBlobstore({ url: first.url, user: 'ann', password: 'p' })] });
  opened.push(await startPlugin(plugin));
  await expect(bind(plugin, { name: 'archive', config: { url: second.url } })).rejects.toMatchObject({
    code: 'ERR_CONFIG_INVALID',
  });
  const url = second.url.replace('//', '//ann:p@');
  const [here, there] = [await bind(plugin), await bind(plugin, { name: 'archive', config: { url } })];
  opened.push(here, there);
  await there.blobstore.createContainer('photos');
  expect(await here.blobstore.containerExists('photos')).toBe(false);
  const own = await bind(plugin, { config: { url, store: 'archive' } });
  opened.push(own);
  expect(await own.blobstore.containerExists('photos')).toBe(true);
});
