import { Agent, request } from 'node:http';

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Asks `url` for `/` with a Host header of its own, which `fetch` does not allow. */
export function getAs(url: string, host: string, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(url, { headers: { host }, ...(agent && { agent }) }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    call.once('error', reject);
    call.end();
  });
}

/** Somebody who asks all along. */
export interface Poller {
  readonly answers: number;
  /** What was not `hello world`. */
  readonly failures: readonly string[];
  /** Settles after `count` more answers or failures. */
  more(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Asks for each of `targets` in turn, without a pause, until it is stopped. */
export function poll(targets: readonly { readonly url: string; readonly host: string }[]): Poller {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const failures: string[] = [];
  const waiting = new Set<{ at: number; wake: () => void }>();
  let asked = 0;
  let isStopped = false;
  const ended = (async () => {
    while (!isStopped) {
      const { url = '', host = '' } = targets[asked % targets.length] ?? {};
      const answer = await getAs(url, host, agent).catch((error: unknown) => ({ status: 0, text: String(error) }));
      if (answer.status !== 200 || answer.text !== 'hello world')
        failures.push(`${host}: ${answer.status} ${answer.text}`);
      asked++;
      for (const entry of waiting) if (asked >= entry.at) entry.wake();
      // Hosts and tests share the processors; the others want their turn.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  return {
    get answers() {
      return asked - failures.length;
    },
    failures,
    more: (count) =>
      new Promise((resolve) => {
        const wake = (): void => {
          waiting.delete(entry);
          resolve();
        };
        const entry = { at: asked + count, wake };
        waiting.add(entry);
      }),
    async stop() {
      isStopped = true;
      await ended;
      agent.destroy();
    },
  };
}
