import { containerExists, createContainer, getContainer } from 'wasi:blobstore/blobstore@0.2.0-draft';
import type { Container } from 'wasi:blobstore/container@0.2.0-draft';
import { IncomingValue, OutgoingValue } from 'wasi:blobstore/types@0.2.0-draft';

/** As `lodge.config.ts` grants it. */
const containerName = 'files';

/** WASI lets a stream take so many bytes in one blocking write. */
const maxWriteBytes = 4096;

addEventListener('fetch', (event) => event.respondWith(answer(event.request)));

async function answer(request: Request): Promise<Response> {
  const files = openFiles();
  const name = decodeURIComponent(new URL(request.url).pathname.slice(1));
  if (name === '') return request.method === 'GET' ? list(files) : text(405, 'only GET works here');
  if (request.method === 'PUT') return put(files, name, request.body);
  if (!files.hasObject(name)) return text(404, 'no such file');
  if (request.method === 'GET') return get(files, name, request.headers.get('range'));
  if (request.method !== 'DELETE') return text(405, 'GET, PUT and DELETE work here');
  files.deleteObject(name);
  return new Response(null, { status: 204 });
}

function openFiles(): Container {
  return containerExists(containerName) ? getContainer(containerName) : createContainer(containerName);
}

function list(files: Container): Response {
  const [names, isLast] = files.listObjects().readStreamObjectNames(1000n);
  return text(200, [...names.sort(), ...(isLast ? [] : ['…'])].join('\n'));
}

/** Passes on what comes as it comes. The file is there, as a whole, once `finish` returns. */
async function put(files: Container, name: string, body: ReadableStream<Uint8Array> | null): Promise<Response> {
  const value = OutgoingValue.newOutgoingValue();
  const stream = value.outgoingValueWriteBody();
  files.writeData(name, value);
  const reader = body?.getReader();
  for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
    for (let offset = 0; offset < next.value.length; offset += maxWriteBytes) {
      stream.blockingWriteAndFlush(next.value.subarray(offset, offset + maxWriteBytes));
    }
  }
  stream[Symbol.dispose]();
  OutgoingValue.finish(value);
  return text(201, 'written');
}

/** The whole file, or the one range that `bytes=2-5` or `bytes=2-` asks for. */
function get(files: Container, name: string, range: string | null): Response {
  const { size } = files.objectInfo(name);
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  const start = BigInt(first ?? 0);
  // Both ends are included, as in HTTP, and what is beyond the file is cut off.
  const end = last === undefined || last === '' ? size : BigInt(last);
  if (first !== undefined && (start >= size || start > end)) return text(416, 'no such range');
  const value = files.getData(name, start, end);
  const headers = new Headers({ 'content-length': String(value.size()) });
  if (first !== undefined) headers.set('content-range', `bytes ${start}-${start + value.size() - 1n}/${size}`);
  return new Response(streamOf(value), { status: first === undefined ? 200 : 206, headers });
}

function streamOf(value: IncomingValue): ReadableStream<Uint8Array> {
  const stream = IncomingValue.incomingValueConsumeAsync(value);
  return new ReadableStream({
    pull(controller) {
      try {
        controller.enqueue(stream.blockingRead(65_536n));
      } catch (error) {
        stream[Symbol.dispose]();
        if ((error as { payload?: { tag?: string } }).payload?.tag === 'closed') controller.close();
        else controller.error(error);
      }
    },
    cancel() {
      stream[Symbol.dispose]();
    },
  });
}

function text(status: number, message: string): Response {
  return new Response(`${message}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}
