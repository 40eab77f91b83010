import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How a {@link LineProcess} is started. */
export interface LineProcessOptions {
  readonly command?: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A process that answers each line with a line of JSON, and ends when its input does. */
export class LineProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;
  readonly #exited: Promise<void>;
  readonly #lines: string[] = [];
  #waiting: ((line: string) => void) | undefined = undefined;
  #stderr = '';

  constructor({ command = process.execPath, args, env }: LineProcessOptions) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    const exited = Promise.withResolvers<void>();
    this.#exited = exited.promise;
    const ended = Promise.withResolvers<never>();
    this.#ended = ended.promise;
    this.#ended.catch(() => undefined);
    this.#child.on('error', (error) => {
      ended.reject(error);
      exited.resolve();
    });
    this.#child.on('close', (code, signal) => {
      ended.reject(new Error(`the process ended (${signal ?? code}): ${this.#stderr.trim().slice(-2000)}`));
      exited.resolve();
    });
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-8000);
    });
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(line));
    }
  }

  /** Rejects when it has ended, with what it said last. */
  get ended(): Promise<never> {
    return this.#ended;
  }

  /** What it has written to stderr lately. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Sends `message` and answers with the next line; without a message just waits for that. */
  async ask<T>(message: unknown, timeoutMs: number): Promise<T> {
    if (message !== undefined) this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      return JSON.parse(await Promise.race([this.#next(), this.#ended, promise]));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends its input, and itself if that is not enough within `graceMs`. */
  async end(graceMs = 2000): Promise<void> {
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    await this.#exited;
    clearTimeout(timer);
  }

  #take(line: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#lines.push(line);
    else waiting(line);
  }

  #next(): Promise<string> {
    const line = this.#lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}
