import { get as config } from 'wasi:config/store@0.2.0-rc.1';
import { increment } from 'wasi:keyvalue/atomics@0.2.0-draft';
import { open } from 'wasi:keyvalue/store@0.2.0-draft';
import { log } from 'wasi:logging/logging@0.1.0-draft';
import { type BrokerMessage, publish } from 'wasmcloud:messaging/consumer@0.2.0';
import { readPage, writePage } from './pages.js';

addEventListener('fetch', (event) => event.respondWith(answer(event.request)));

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (request.method === 'POST') return write(new Uint8Array(await request.arrayBuffer()));
  if (pathname === '/')
    return new Response(`${config('greeting') ?? 'Hello!'} ${count('entries')} entries, ${count('read')} read\n`);
  const page = readPage(pathname.slice(1));
  return page === undefined ? new Response('no such entry\n', { status: 404 }) : new Response(page);
}

/** Numbers the entry, keeps its text, and tells whoever wants to know. */
function write(text: Uint8Array): Response {
  const number = String(increment(open('counts'), 'entries', 1n));
  writePage(number, text);
  publish({ subject: 'guest-book.entry', body: new TextEncoder().encode(number) });
  return new Response(`/${number}\n`, { status: 201 });
}

/** What `increment` made of it: eight bytes, the highest first. */
function count(name: string): bigint {
  const bytes = open('counts').get(name);
  return bytes === undefined ? 0n : new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
}

/** `wasmcloud:messaging/handler`: reads each new entry once, on whichever host gets the message. */
export const handler = {
  handleMessage({ body }: BrokerMessage): void {
    const number = new TextDecoder().decode(body);
    log('info', 'guest-book', `entry ${number}: ${readPage(number)?.slice(0, 80)}`);
    increment(open('counts'), 'read', 1n);
  },
};
