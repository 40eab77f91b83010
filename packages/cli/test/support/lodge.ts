import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../bin/lodge.js', import.meta.url));

/** A `lodge` command that runs as a user would run it. */
export interface LodgeProcess {
  readonly child: ChildProcess;
  /** What it wrote so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Settles with the first match of `pattern` in either stream; rejects when the process ends before. */
  saw(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Settles with the exit code, once both streams have ended. */
  readonly ended: Promise<number | null>;
  /** Ends it for certain, for the end of a test. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** How a command is started. */
export interface LodgeOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which is then ended; `null` leaves it open. @default '' */
  readonly input?: string | null;
}

/** Starts `lodge` with `args`. */
export function lodge(args: readonly string[], { cwd, env, input = '' }: LodgeOptions = {}): LodgeProcess {
  const { LODGE_DEBUG: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { ...inherited, NO_COLOR: '1', ...env },
    stdio: 'pipe',
  });
  const output = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  const collect = (name: keyof typeof output) => (chunk: string) => {
    output[name] += chunk;
    for (const listener of listeners) listener();
  };
  child.stdout.setEncoding('utf8').on('data', collect('stdout'));
  child.stderr.setEncoding('utf8').on('data', collect('stderr'));
  child.stdin.on('error', () => {});
  if (input !== null) child.stdin.end(input);
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    child,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    saw(pattern) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const match = output.stdout.match(pattern) ?? output.stderr.match(pattern);
          if (match !== null) resolve(match);
        };
        listeners.add(look);
        look();
        void ended.then((code) => {
          reject(new Error(`lodge ended with ${code} before ${pattern}:\n${output.stdout}\n${output.stderr}`));
        });
      });
    },
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs `lodge` to its end. */
export async function runLodge(
  args: readonly string[],
  options?: LodgeOptions,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const started = lodge(args, options);
  const code = await started.ended;
  return { code, stdout: started.stdout(), stderr: started.stderr() };
}
