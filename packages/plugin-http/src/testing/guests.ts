import type { InputStream, OutputStream } from '@lodge/wasi/io';
import { Fields } from '../wit/fields.js';
import { IncomingBody } from '../wit/incoming-body.js';
import type { IncomingRequest } from '../wit/incoming-request.js';
import { OutgoingBody } from '../wit/outgoing-body.js';
import { OutgoingResponse } from '../wit/outgoing-response.js';
import { ResponseOutparam } from '../wit/response-outparam.js';

/** Bytes of a text. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Text of bytes. */
export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Fields of pairs. */
export function fields(...pairs: readonly (readonly [string, string])[]): Fields {
  return Fields.fromList(pairs.map(([name, value]) => [name, utf8(value)] as const));
}

/** What {@link startAnswer} answers with. */
export interface AnswerOptions {
  readonly status?: number;
  readonly headers?: readonly (readonly [string, string])[];
}

/** Sets the outparam and opens the body. */
export function startAnswer(
  out: ResponseOutparam,
  options: AnswerOptions = {},
): { body: OutgoingBody; stream: OutputStream } {
  const response = new OutgoingResponse(fields(...(options.headers ?? [])));
  if (options.status !== undefined) response.setStatusCode(options.status);
  const body = response.body();
  ResponseOutparam.set(out, { tag: 'ok', val: response });
  return { body, stream: body.write() };
}

/** Ends a body as a guest does: the stream first. */
export function endAnswer(answer: { body: OutgoingBody; stream: OutputStream }, trailers?: Fields): void {
  answer.stream[Symbol.dispose]();
  OutgoingBody.finish(answer.body, trailers);
}

/** A whole small answer. */
export function answer(out: ResponseOutparam, body: string, options: AnswerOptions = {}): void {
  const started = startAnswer(out, options);
  if (body !== '') {
    started.stream.checkWrite();
    started.stream.write(utf8(body));
  }
  endAnswer(started);
}

/** Writes bytes of any length, waiting for room. */
export async function writeAll(stream: OutputStream, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length; offset += 4096) {
    await stream.blockingWriteAndFlush(bytes.slice(offset, offset + 4096));
  }
}

/** Reads a stream to its end. */
export async function readAll(stream: InputStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    for (;;) chunks.push(await stream.blockingRead(65_536n));
  } catch (error) {
    const { payload } = error as { payload?: { tag?: string } };
    if (payload?.tag !== 'closed') throw error;
  }
  return Buffer.concat(chunks);
}

/** The whole body of a request, and its trailers. */
export async function readRequest(
  request: IncomingRequest,
): Promise<{ bytes: Uint8Array; trailers: Fields | undefined }> {
  const body = request.consume();
  const stream = body.stream();
  const bytes = await readAll(stream);
  stream[Symbol.dispose]();
  const future = IncomingBody.finish(body);
  const pollable = future.subscribe();
  await pollable.block();
  pollable[Symbol.dispose]();
  const result = future.get();
  if (result?.tag !== 'ok' || result.val.tag !== 'ok') throw new Error('no trailers');
  return { bytes, trailers: result.val.val };
}
