import { request } from 'node:http';

/** A request whose body goes on as the test says, to a component that sends it back. */
export interface SlowEcho {
  /** Settles with the first part of the answer. */
  readonly answered: Promise<void>;
  /** The whole answer. */
  readonly text: Promise<string>;
  end(last: string): void;
}

/** Begins a request with `early `. */
export function slowEcho(url: string, host: string): SlowEcho {
  const answered = Promise.withResolvers<void>();
  const text = Promise.withResolvers<string>();
  const call = request(url, { method: 'POST', headers: { host } }, (response) => {
    let received = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      received += chunk;
      answered.resolve();
    });
    response.once('error', text.reject);
    response.once('end', () => text.resolve(received));
  });
  call.once('error', (error) => {
    answered.reject(error);
    text.reject(error);
  });
  call.write('early ');
  return { answered: answered.promise, text: text.promise, end: (last) => call.end(last) };
}
