import { WitError } from '@lodge/core';
import { describe, expect, test, vi } from 'vitest';
import type { HttpLimits } from '../limits.js';
import { OutgoingBody } from '../wit/outgoing-body.js';
import { OutgoingResponse } from '../wit/outgoing-response.js';
import { ResponseOutparam } from '../wit/response-outparam.js';
import { headerValues, type Send } from './client.js';
import { answer, endAnswer, fields, readRequest, startAnswer, text, utf8, writeAll } from './guests.js';
import type { Guest, WorkloadOptions } from './workload.js';

/** A plugin with one guest behind it. */
export interface Setup {
  readonly send: Send;
  /** Exchanges and calls that are not over. */
  live(): number;
}

/** Starts a plugin with a guest; the test that asked for it stops it at its end. */
export type Start = (
  guest: Guest,
  options?: WorkloadOptions & { readonly limits?: Partial<HttpLimits> },
) => Promise<Setup>;

/** What every transport has to do, seen from client and guest. */
export function testExchanges(name: string, start: Start): void {
  const over = ({ live }: Setup): Promise<void> =>
    vi.waitFor(() => expect(live()).toBe(0), { timeout: 5_000, interval: 2 });

  describe(`an exchange over ${name}`, () => {
    test('gives the guest method, path, authority, scheme and headers, and the client the answer', async () => {
      const seen: unknown[] = [];
      const setup = await start((request, out) => {
        seen.push(request.method(), request.pathWithQuery(), request.scheme(), request.authority() !== undefined);
        seen.push(request.headers().get('x-one').map(text));
        answer(out, 'hello', { status: 201, headers: [['x-answer', 'yes']] });
      });
      const reply = await setup.send({ method: 'PUT', path: '/a?b=c', headers: [['x-one', '1']] });
      expect([reply.status, await reply.text(), headerValues(reply, 'x-answer')]).toEqual([201, 'hello', ['yes']]);
      expect(seen).toEqual([{ tag: 'put' }, '/a?b=c', { tag: 'HTTP' }, true, ['1']]);
      await over(setup);
    });

    test('sends a body that is written before the guest returns with its length', async () => {
      const setup = await start(async (_request, out) => {
        const output = startAnswer(out);
        // JSPI suspends at calls that need not wait.
        for (let index = 0; index < 20; index++) await undefined;
        output.stream.checkWrite();
        output.stream.write(utf8('hello'));
        await undefined;
        endAnswer(output);
      });
      const reply = await setup.send();
      expect(headerValues(reply, 'content-length')).toEqual(['5']);
      expect(headerValues(reply, 'transfer-encoding')).toEqual([]);
      await reply.text();
      await over(setup);
    });

    test('keeps repeated answer headers apart', async () => {
      const setup = await start((_request, out) =>
        answer(out, '', {
          headers: [
            ['set-cookie', 'a=1'],
            ['set-cookie', 'b=2'],
          ],
        }),
      );
      expect(headerValues(await setup.send(), 'set-cookie')).toEqual(['a=1', 'b=2']);
      await over(setup);
    });

    test('hides connection fields and the host from the guest', async () => {
      let names: string[] = [];
      const setup = await start((request, out) => {
        names = request
          .headers()
          .entries()
          .map(([key]) => key);
        answer(out, '');
      });
      await setup.send({ headers: [['x-kept', '1']] });
      expect(names).toContain('x-kept');
      expect(names.filter((key) => ['host', 'connection', 'transfer-encoding', 'keep-alive'].includes(key))).toEqual(
        [],
      );
    });

    test('echoes a large body with both sides streaming', async () => {
      const setup = await start(async (request, out) => {
        const source = request.consume();
        const input = source.stream();
        const output = startAnswer(out);
        try {
          for (;;) await writeAll(output.stream, await input.blockingRead(4_096n));
        } catch (error) {
          if (!WitError.is(error)) throw error;
        }
        endAnswer(output);
      });
      const reply = await setup.send({ method: 'POST', body: repeat(new Uint8Array(65_536).fill(7), 40) });
      expect((await reply.text()).length).toBe(65_536 * 40);
      await over(setup);
    });

    test('takes chunks as large as it allows, one after the other', async () => {
      const setup = await start(async (_request, out) => {
        const output = startAnswer(out);
        for (let written = 0; written < 4_000_000; ) {
          const pollable = output.stream.subscribe();
          await pollable.block();
          pollable[Symbol.dispose]();
          const room = Number(output.stream.checkWrite());
          output.stream.write(new Uint8Array(room));
          written += room;
        }
        endAnswer(output);
      });
      expect((await (await setup.send()).text()).length).toBeGreaterThanOrEqual(4_000_000);
      await over(setup);
    });

    test('delivers the first bytes of an answer while the guest still writes', async () => {
      const gate = Promise.withResolvers<void>();
      const setup = await start(async (_request, out) => {
        const output = startAnswer(out);
        await output.stream.blockingWriteAndFlush(utf8('first'));
        await gate.promise;
        await output.stream.blockingWriteAndFlush(utf8('second'));
        endAnswer(output);
      });
      const reply = await setup.send();
      const first = await reply.body.next();
      expect(text(first.value as Uint8Array)).toBe('first');
      gate.resolve();
      expect(await reply.text()).toBe('second');
      await over(setup);
    });

    test('delivers the head while the guest has written nothing', async () => {
      const gate = Promise.withResolvers<void>();
      const setup = await start(async (_request, out) => {
        const output = startAnswer(out, { status: 202 });
        await gate.promise;
        endAnswer(output);
      });
      const reply = await setup.send();
      expect(reply.status).toBe(202);
      gate.resolve();
      expect(await reply.text()).toBe('');
      await over(setup);
    });

    test('stops the guest from writing when the client does not read', async () => {
      let written = 0;
      const total = 64 * 1_048_576;
      const setup = await start(async (_request, out) => {
        const output = startAnswer(out);
        for (; written < total; written += 4_096) await output.stream.blockingWriteAndFlush(new Uint8Array(4_096));
        endAnswer(output);
      });
      const controller = new AbortController();
      const reply = await setup.send({ signal: controller.signal });
      await reply.body.next();
      await settledValue(() => written);
      expect(written).toBeLessThan(total / 2);
      controller.abort();
      await over(setup);
    });

    test('gives a guest that only asks for room no more than the client takes', async () => {
      let written = 0;
      const total = 64 * 1_048_576;
      const setup = await start(async (_request, out) => {
        const output = startAnswer(out);
        while (written < total) {
          const pollable = output.stream.subscribe();
          await pollable.block();
          pollable[Symbol.dispose]();
          const room = Number(output.stream.checkWrite());
          output.stream.write(new Uint8Array(room));
          written += room;
        }
      });
      const controller = new AbortController();
      const reply = await setup.send({ signal: controller.signal });
      await reply.body.next();
      await settledValue(() => written);
      expect(written).toBeLessThan(total / 2);
      controller.abort();
      await over(setup);
    });

    test('stops the client from sending when the guest does not read', async () => {
      let sent = 0;
      const total = 1_000;
      async function* body(): AsyncGenerator<Uint8Array> {
        for (; sent < total; sent++) yield new Uint8Array(65_536);
      }
      const gate = Promise.withResolvers<void>();
      const setup = await start(async (request, out) => {
        const stream = request.consume().stream();
        await stream.blockingRead(1n);
        await gate.promise;
        answer(out, 'enough');
      });
      const sending = setup.send({ method: 'POST', body: body() }).catch(() => undefined);
      await settledValue(() => sent);
      expect(sent).toBeGreaterThan(0);
      expect(sent).toBeLessThan(total / 2);
      gate.resolve();
      await sending;
      await over(setup);
    });

    test('answers before the request body was read', async () => {
      const setup = await start((_request, out) => answer(out, 'early', { status: 413 }));
      const reply = await setup.send({ method: 'POST', body: new Uint8Array(200_000) });
      expect([reply.status, await reply.text()]).toEqual([413, 'early']);
      await over(setup);
    });

    test('carries trailers from the client to the guest', async () => {
      let seen: string[] = [];
      const setup = await start(async (request, out) => {
        const { trailers } = await readRequest(request);
        seen = trailers?.get('x-sum').map(text) ?? [];
        answer(out, '');
      });
      const headers = [
        ['trailer', 'x-sum'],
        ['transfer-encoding', 'chunked'],
      ] as const;
      await setup.send({
        method: 'POST',
        body: utf8('abc'),
        trailers: [['x-sum', '42']],
        headers: name === 'sockets' ? headers : [],
      });
      expect(seen).toEqual(['42']);
      await over(setup);
    });

    test('carries trailers from the guest to the client', async () => {
      const setup = await start((_request, out) => {
        const output = startAnswer(out, { headers: [['content-length', '3']] });
        output.stream.checkWrite();
        output.stream.write(utf8('abc'));
        endAnswer(output, fields(['x-sum', '42']));
      });
      const reply = await setup.send();
      expect(await reply.text()).toBe('abc');
      expect(await reply.trailers()).toEqual([['x-sum', '42']]);
      await over(setup);
    });

    test('answers 500 when the guest traps before the head', async () => {
      const setup = await start(() => {
        throw new Error('secret detail');
      });
      const reply = await setup.send();
      expect([reply.status, await reply.text()]).toEqual([500, 'internal server error\n']);
      await over(setup);
    });

    test('cuts the answer when the guest traps after the head', async () => {
      const setup = await start(async (_request, out) => {
        const output = startAnswer(out);
        await output.stream.blockingWriteAndFlush(utf8('part'));
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error('trap');
      });
      const reply = await setup.send();
      await expect(reply.text()).rejects.toThrow();
      await over(setup);
    });

    test('answers 500 when the guest returns without setting the outparam', async () => {
      const setup = await start(() => {});
      expect((await setup.send()).status).toBe(500);
      await over(setup);
    });

    test('answers 500 when the guest sets an error', async () => {
      const setup = await start((_request, out) =>
        ResponseOutparam.set(out, { tag: 'err', val: { tag: 'internal-error', val: 'secret' } }),
      );
      const reply = await setup.send();
      expect([reply.status, await reply.text()]).toEqual([500, 'internal server error\n']);
      await over(setup);
    });

    test('cuts the answer when the guest returns without finishing its body', async () => {
      const setup = await start(async (_request, out) => {
        const output = startAnswer(out);
        await output.stream.blockingWriteAndFlush(utf8('part'));
        await new Promise((resolve) => setImmediate(resolve));
      });
      const reply = await setup.send();
      await expect(reply.text()).rejects.toThrow();
      await over(setup);
    });

    test('answers 500 when the body is shorter than its content-length', async () => {
      let code: unknown;
      const setup = await start((_request, out) => {
        const output = startAnswer(out, { headers: [['content-length', '10']] });
        output.stream.checkWrite();
        output.stream.write(utf8('short'));
        output.stream[Symbol.dispose]();
        try {
          OutgoingBody.finish(output.body, undefined);
        } catch (error) {
          code = WitError.is(error) ? error.payload : error;
        }
      });
      expect((await setup.send()).status).toBe(500);
      expect(code).toEqual({ tag: 'HTTP-response-body-size', val: 5n });
      await over(setup);
    });

    test('fails a write beyond the content-length', async () => {
      let failure: unknown;
      const setup = await start((_request, out) => {
        const output = startAnswer(out, { headers: [['content-length', '2']] });
        output.stream.checkWrite();
        try {
          output.stream.write(utf8('three'));
        } catch (error) {
          failure = WitError.is(error) ? (error.payload as { tag: string }).tag : error;
        }
      });
      expect((await setup.send()).status).toBe(500);
      expect(failure).toBe('last-operation-failed');
      await over(setup);
    });

    test('answers 504 when the guest is past its deadline', async () => {
      const setup = await start(() => new Promise(() => {}), { limits: { deadlineMs: 50 } });
      const reply = await setup.send();
      expect([reply.status, await reply.text()]).toEqual([504, 'gateway timeout\n']);
      await over(setup);
    });

    test('ends the call of a guest whose client has gone', async () => {
      const entered = Promise.withResolvers<void>();
      const ended = Promise.withResolvers<void>();
      const setup = await start(async (_request, _out, { signal }) => {
        signal.addEventListener('abort', () => ended.resolve());
        entered.resolve();
        await new Promise(() => {});
      });
      const controller = new AbortController();
      const sending = setup.send({ signal: controller.signal });
      await entered.promise;
      controller.abort();
      await expect(sending).rejects.toThrow();
      await ended.promise;
      await over(setup);
    });

    test('fails the body of a request whose client has gone', async () => {
      const reading = Promise.withResolvers<void>();
      const failed = Promise.withResolvers<unknown>();
      const setup = await start(async (request) => {
        const stream = request.consume().stream();
        await stream.blockingRead(1_024n);
        reading.resolve();
        try {
          for (;;) await stream.blockingRead(1_024n);
        } catch (error) {
          failed.resolve(WitError.is(error) ? (error.payload as { tag: string }).tag : error);
        }
      });
      const controller = new AbortController();
      const stuck = Promise.withResolvers<void>();
      async function* body(): AsyncGenerator<Uint8Array> {
        yield utf8('one');
        await stuck.promise;
      }
      const sending = setup.send({ method: 'POST', body: body(), signal: controller.signal }).catch(() => undefined);
      await reading.promise;
      controller.abort();
      expect(await failed.promise).toBe('last-operation-failed');
      stuck.resolve();
      await sending;
      await over(setup);
    });

    test('answers HEAD with the headers of the body and without it', async () => {
      const setup = await start((_request, out) => answer(out, 'hello'));
      const reply = await setup.send({ method: 'HEAD' });
      expect([reply.status, headerValues(reply, 'content-length'), await reply.text()]).toEqual([200, ['5'], '']);
      await over(setup);
    });

    test.each([204, 304])('answers %i without a body', async (status) => {
      const setup = await start((_request, out) => answer(out, '', { status }));
      const reply = await setup.send();
      expect([reply.status, headerValues(reply, 'content-length'), await reply.text()]).toEqual([status, [], '']);
      await over(setup);
    });

    test('refuses what is more than the limit at a time with 503 and retry-after', async () => {
      const gate = Promise.withResolvers<void>();
      const setup = await start(
        async (_request, out) => {
          await gate.promise;
          answer(out, 'done');
        },
        { limits: { maxExchanges: 1 } },
      );
      const first = setup.send();
      await vi.waitFor(() => expect(setup.live()).toBeGreaterThan(0), { interval: 2 });
      const second = await setup.send();
      expect([second.status, headerValues(second, 'retry-after')]).toEqual([503, ['1']]);
      gate.resolve();
      expect(await (await first).text()).toBe('done');
      await over(setup);
    });

    test('refuses too many headers with 431', async () => {
      const setup = await start((_request, out) => answer(out, ''), { limits: { maxHeaderCount: 10 } });
      const headers = Array.from({ length: 20 }, (_, index) => [`x-${index}`, '1'] as const);
      expect((await setup.send({ headers })).status).toBe(431);
    });

    test('traps a guest that sets the outparam twice', async () => {
      let thrown: unknown;
      const setup = await start((_request, out) => {
        ResponseOutparam.set(out, { tag: 'ok', val: new OutgoingResponse(fields()) });
        try {
          ResponseOutparam.set(out, { tag: 'ok', val: new OutgoingResponse(fields()) });
        } catch (error) {
          thrown = error;
        }
      });
      expect((await setup.send()).status).toBe(200);
      expect(thrown).toBeInstanceOf(Error);
      expect(WitError.is(thrown)).toBe(false);
    });
  });
}

async function* repeat(chunk: Uint8Array, times: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < times; index++) yield chunk;
}

/** Resolves when a counter has stood still for a while. */
async function settledValue(read: () => number): Promise<void> {
  let last = -1;
  await vi.waitFor(
    () => {
      const now = read();
      const isStill = now === last && now > 0;
      last = now;
      expect(isStill).toBe(true);
    },
    { timeout: 10_000, interval: 50 },
  );
}
