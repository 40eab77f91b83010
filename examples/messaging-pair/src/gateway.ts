import { request } from 'wasmcloud:messaging/consumer@0.2.0';

// Hands the text to whoever does such tasks, and answers with what comes back.
addEventListener('fetch', (event) => event.respondWith(answer(event.request)));

async function answer({ url }: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(url);
  const text = new TextEncoder().encode(searchParams.get('text') ?? 'Hello, world!');
  try {
    const reply = request(`tasks.${pathname.slice(1) || 'reverse'}`, text, 2_000);
    return new Response(`${new TextDecoder().decode(reply.body)}\n`);
  } catch (error) {
    return new Response(`no answer: ${reasonOf(error)}\n`, { status: 502 });
  }
}

/** The `err` of a failed call is what the thrown error carries. */
function reasonOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'payload' in error ? error.payload : error;
}
