import { type OciClient, ociClient } from '@lodge/oci';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { artifact, digestOf } from './support/artifacts.js';
import { isForLayer, serve, startServer, type TestServer } from './support/server.js';

const good = artifact();

let registry: TestServer;
let oci: OciClient;
/** Lets the registry answer requests for the layer. */
let open: PromiseWithResolvers<void>;
/** The registry has been asked for the layer. */
let asked: PromiseWithResolvers<void>;
/** A client has ended the connection on which it waited for the layer. */
let closed: PromiseWithResolvers<void>;

beforeEach(async () => {
  open = Promise.withResolvers();
  asked = Promise.withResolvers();
  closed = Promise.withResolvers();
  registry = await startServer(async (request, response) => {
    if (isForLayer(request, good)) {
      response.on('close', () => response.writableFinished || closed.resolve());
      asked.resolve();
      await open.promise;
    }
    serve(good)(request, response);
  });
  oci = ociClient({ plainHttp: true, dockerConfig: false });
});

afterEach(async () => {
  await oci.close();
  await registry[Symbol.asyncDispose]();
});

test('callers who want the same at the same time share one transfer', async () => {
  const pulls = Array.from({ length: 20 }, () => oci.pull(`${registry.host}/acme/hello:1`));
  await asked.promise;
  open.resolve();
  const pulled = await Promise.all(pulls);
  expect(new Set(pulled.map(({ digest }) => digest))).toEqual(new Set([good.manifest.descriptor.digest]));
  expect(registry.requests).toHaveLength(3);
  await oci.pull(`${registry.host}/acme/hello:1`);
  expect(registry.requests).toHaveLength(6);
});

test('each caller is told how far the shared transfer is', async () => {
  const stages: string[][] = [[], []];
  const pulls = stages.map((own) =>
    oci.pull(`${registry.host}/acme/hello:1`, { onProgress: ({ stage }) => own.push(stage) }),
  );
  open.resolve();
  await Promise.all(pulls);
  expect(stages.map((own) => own.at(-1))).toEqual(['download', 'download']);
});

test('callers with different credentials do not share', async () => {
  const users = ['ann', 'bob', 'ann'].map((username) => ({ username, password: 'x' }));
  const pulls = users.map((credentials) => oci.pull(`${registry.host}/acme/hello:1`, { credentials }));
  open.resolve();
  await Promise.all(pulls);
  expect(registry.count('GET', '/manifests/')).toBe(2);
});

test('a caller who gives up does not take the others along', async () => {
  const controller = new AbortController();
  const left = oci.pull(`${registry.host}/acme/hello:1`, { signal: controller.signal });
  const stayed = oci.pull(`${registry.host}/acme/hello:1`);
  await asked.promise;
  controller.abort(new Error('changed my mind'));
  await expect(left).rejects.toMatchObject({ code: 'ERR_TRANSFER_ABORTED', cause: { message: 'changed my mind' } });
  open.resolve();
  expect(digestOf((await stayed).bytes)).toBe(good.layer.descriptor.digest);
  expect(registry.count('GET', '/blobs/')).toBe(2);
});

test('the transfer ends when the last caller gives up, and the next one begins anew', async () => {
  const controllers = [new AbortController(), new AbortController()];
  const left = controllers.map(({ signal }) => oci.pull(`${registry.host}/acme/hello:1`, { signal }));
  await asked.promise;
  for (const controller of controllers) controller.abort();
  for (const pull of left) await expect(pull).rejects.toMatchObject({ code: 'ERR_TRANSFER_ABORTED' });
  await closed.promise;
  open.resolve();
  expect(digestOf((await oci.pull(`${registry.host}/acme/hello:1`)).bytes)).toBe(good.layer.descriptor.digest);
});

test('a caller whose signal has aborted asks nobody', async () => {
  const signal = AbortSignal.abort();
  for (const attempt of [
    oci.pull(`${registry.host}/acme/hello:1`, { signal }),
    oci.resolve(`${registry.host}/acme/hello:1`, { signal }),
    oci.push(`${registry.host}/acme/hello:1`, good.component, { signal }),
  ]) {
    await expect(attempt).rejects.toMatchObject({ code: 'ERR_TRANSFER_ABORTED' });
  }
  expect(registry.requests).toEqual([]);
});

test('a push ends with its signal', async () => {
  const controller = new AbortController();
  const begun = Promise.withResolvers<void>();
  await using silent = await startServer(() => begun.resolve());
  const pushed = oci.push(`${silent.host}/acme/hello:1`, good.component, { signal: controller.signal });
  await begun.promise;
  controller.abort();
  await expect(pushed).rejects.toMatchObject({ code: 'ERR_TRANSFER_ABORTED' });
});
