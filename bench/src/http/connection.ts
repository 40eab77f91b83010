import { connect, type Socket } from 'node:net';
import { ResponseReader } from './response-reader.ts';

const requestText = Buffer.from('GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');

/** One keep-alive connection that asks for `/` and waits for all of the answer. */
export class Connection {
  readonly #socket: Socket;
  readonly #reader = new ResponseReader();
  #resolve: ((status: number) => void) | undefined = undefined;
  #reject: ((error: Error) => void) | undefined = undefined;

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (bytes: Buffer) => {
      try {
        const status = this.#reader.push(bytes);
        if (status !== undefined) this.#resolve?.(status);
      } catch (error) {
        this.#socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
    this.#socket.on('error', (error) => this.#reject?.(error));
    this.#socket.on('close', () => this.#reject?.(new Error('the server closed the connection')));
  }

  /** Answers with the status once the body is there. One request at a time. */
  ask(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#socket.write(requestText);
    });
  }

  close(reason?: Error): void {
    this.#socket.destroy(reason);
  }
}
