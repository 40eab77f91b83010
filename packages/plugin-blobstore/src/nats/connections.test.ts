import { hostContext } from '@lodge-internal/conformance';
import { type NatsServer, startNatsServer, type TcpProxy } from '@lodge-internal/test-nats';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterEach, expect, test } from 'vitest';
import { blobstorePlugin } from '../plugin.js';
import { asked, type BlobstoreImports, bind, put, startPlugin } from '../testing/workload.js';
import { natsBlobstore } from './backend.js';

type Plugin = ReturnType<typeof blobstorePlugin>;

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

/** A host without a server of its own, and one that entries can name: its relay counts connections. */
async function rig(): Promise<{ readonly nats: NatsServer; readonly proxy: TcpProxy; readonly plugin: Plugin }> {
  const nats = await startNatsServer();
  opened.push(nats);
  const plugin = blobstorePlugin({ backends: [natsBlobstore()] });
  opened.push(await startPlugin(plugin));
  return { nats, proxy: await nats.proxy(), plugin };
}

async function bound(plugin: Plugin, url: string): Promise<BlobstoreImports> {
  const imports = await bind(plugin, { config: { url } });
  opened.push(imports);
  return imports;
}

async function storedBytes(url: string): Promise<number> {
  const connection = await connect({ servers: url });
  const { streams } = await jetstreamManager(connection);
  let bytes = 0;
  for await (const { state } of streams.list()) bytes += state.bytes;
  await connection.close();
  return bytes;
}

test('a server that entries name is connected to once, until the last workload that names it has stopped', async () => {
  const { proxy, plugin } = await rig();
  const [first, second] = [await bound(plugin, proxy.address), await bound(plugin, proxy.address)];
  expect(proxy.connections).toBe(1);
  await first[Symbol.asyncDispose]();
  // An unbind may come twice, and must not take away what is another's.
  await first[Symbol.asyncDispose]();
  await put(second, await second.blobstore.createContainer('photos'), 'cat', 'meow');
  expect(proxy.connections).toBe(1);
  await second[Symbol.asyncDispose]();
  await expect.poll(() => proxy.connections).toBe(0);
  const third = await bound(plugin, proxy.address);
  expect(await third.blobstore.containerExists('photos')).toBe(true);
});

test('a workload that is given up while its server is connected to leaves no connection, nor does a failure', async () => {
  const { nats, proxy, plugin } = await rig();
  proxy.stall();
  const { workload, requests } = asked(plugin, { config: { url: proxy.address } });
  const controller = new AbortController();
  const binding = plugin.onWorkloadBind(workload, requests, { signal: controller.signal });
  const binds = expect(binding).rejects.toThrow('given up');
  await expect.poll(() => proxy.connections).toBe(1);
  controller.abort(new Error('given up'));
  await binds;
  const other = await nats.proxy();
  await other.cut();
  await expect(bound(plugin, other.address)).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' });
  await proxy.restore();
  await expect.poll(() => proxy.connections).toBe(0);
  // Neither is in the way of the next.
  await other.restore();
  for (const { address } of [proxy, other]) {
    const imports = await bound(plugin, address);
    expect(await imports.blobstore.containerExists('photos')).toBe(false);
  }
});

test('what a workload was writing when it stopped is removed before its connection is closed', async () => {
  const { nats, proxy, plugin } = await rig();
  const imports = await bound(plugin, proxy.address);
  const container = await imports.blobstore.createContainer('photos');
  const value = imports.OutgoingValue.newOutgoingValue();
  const stream = value.outgoingValueWriteBody();
  await container.writeData('cat', value);
  for (let sent = 0; sent < 600_000; sent += 4096) await stream.blockingWriteAndFlush(new Uint8Array(4096));
  await expect.poll(() => storedBytes(nats.url)).toBeGreaterThan(130_000);
  await imports[Symbol.asyncDispose]();
  await expect.poll(() => proxy.connections).toBe(0);
  expect(await storedBytes(nats.url)).toBe(0);
});

test('a workload of before a stop takes no connection of after it away', async () => {
  const { nats, proxy } = await rig();
  const backend = natsBlobstore();
  const plugin = blobstorePlugin({ backends: [backend] });
  const before = await startPlugin(plugin);
  const old = await bind(plugin, { config: { url: proxy.address } });
  await before[Symbol.asyncDispose]();
  await expect.poll(() => proxy.connections).toBe(0);
  opened.push(await startPlugin(plugin));
  await bound(plugin, proxy.address);
  await old[Symbol.asyncDispose]();
  // Nobody would share what was forgotten.
  await bound(plugin, proxy.address);
  expect(proxy.connections).toBe(1);
  expect(await storedBytes(nats.url)).toBe(0);
});

test('a connection that fails late is not taken for the one of a later start', async () => {
  const nats = await startNatsServer();
  opened.push(nats);
  const backend = natsBlobstore({ url: nats.url });
  const hook = { signal: new AbortController().signal };
  const { context, close } = hostContext();
  opened.push({ [Symbol.asyncDispose]: () => close() });
  const late = Promise.withResolvers<never>();
  const firstStart = backend.start?.({ ...context, shared: () => late.promise }, hook);
  const stopped = backend.stop?.(hook);
  let asked = 0;
  const shared: typeof context.shared = (key, create) => {
    asked += 1;
    return context.shared(key, create);
  };
  await backend.start?.({ ...context, shared }, hook);
  late.reject(new Error('no server'));
  await expect(firstStart).rejects.toThrow('no server');
  await stopped;
  await backend.bind?.({}, hook);
  expect(asked).toBe(1);
  await backend.stop?.(hook);
});
