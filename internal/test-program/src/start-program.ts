import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';

/** A program that does what it was started for. */
export interface RunningProgram<T> {
  readonly pid: number;
  /** What it said when it was ready. */
  readonly announced: T;
  /** Settles when the process is gone. */
  readonly ended: Promise<void>;
}

/** How to start one. */
export interface StartProgramOptions<T> {
  readonly program: string;
  readonly args: readonly string[];
  /** Removed when the process that runs the tests dies before it could do so itself. */
  readonly folder: string;
  /** @default that of the process that runs the tests */
  readonly env?: NodeJS.ProcessEnv;
  /** Reads a line of standard error: undefined unless it says that the program is ready. */
  readonly announcement: (line: string) => T | undefined;
}

/** Lines that are kept to say what was wrong. */
const maxLines = 200;

/**
 * Runs the program and watches for the end of standard input, which comes with the end of the process that runs the tests, however it dies: no
 * program outlives its tests, and no folder either.
 */
const guard = `
folder=$1
shift
"$@" </dev/null &
program=$!
echo "pid $program" >&2
( read -r _; kill -9 "$program"; rm -rf -- "$folder" ) <&3 >/dev/null 2>&1 &
watch=$!
wait "$program"
kill "$watch" 2>/dev/null
`;

/**
 * Starts a program and waits until it says that it is ready.
 *
 * @throws Error with what it wrote, when it ends instead
 */
export async function startProgram<T>(options: StartProgramOptions<T>): Promise<RunningProgram<T>> {
  const { program, args, folder, env = process.env, announcement } = options;
  const child = spawn('/bin/sh', ['-c', `exec 3<&0; ${guard}`, 'guard', folder, program, ...args], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env,
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const output: string[] = [];
  let pid: number | undefined;
  let announced: T | undefined;
  const started = await new Promise<Pick<RunningProgram<T>, 'pid' | 'announced'> | undefined>((resolve, reject) => {
    child.once('error', reject);
    ended.then(() => resolve(undefined));
    createInterface(child.stderr).on('line', (line) => {
      const number = /^pid (\d+)$/.exec(line)?.[1];
      if (pid === undefined && number !== undefined) {
        pid = Number(number);
      } else {
        if (output.length < maxLines) output.push(line);
        announced ??= announcement(line);
      }
      // The two lines come from two processes, in any order; killing process 0 would kill the tests.
      if (pid !== undefined && announced !== undefined) resolve({ pid, announced });
    });
  });
  if (started === undefined) throw new Error(`${basename(program)} did not start:\n${output.join('\n')}`);
  return { ...started, ended };
}
