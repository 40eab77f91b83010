import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A `docker-registry` that listens. */
export interface RegistryProcess {
  readonly pid: number;
  /** The port that it was given. */
  readonly port: number;
  /** Settles when the process is gone. */
  readonly ended: Promise<void>;
}

/** How to start one. */
export interface RegistryProcessOptions {
  readonly program: string;
  readonly configFile: string;
  /** Removed when the process that runs the tests dies before it could do so itself. */
  readonly folder: string;
}

/**
 * Runs the server and watches for the end of standard input, which comes with the end of the process that runs the tests, however it dies: no
 * server outlives its tests, and no folder either.
 */
const guard = `
"$1" serve "$2" </dev/null &
server=$!
echo "pid $server" >&2
( read -r _; kill -9 "$server"; rm -rf -- "$3" ) <&3 >/dev/null 2>&1 &
watch=$!
wait "$server"
kill "$watch" 2>/dev/null
`;

/**
 * Starts a registry and waits until it listens.
 *
 * @throws Error with what it wrote, when it ends instead
 */
export async function startProcess({ program, configFile, folder }: RegistryProcessOptions): Promise<RegistryProcess> {
  const child = spawn('/bin/sh', ['-c', `exec 3<&0; ${guard}`, 'registry-guard', program, configFile, folder], {
    stdio: ['pipe', 'ignore', 'pipe'],
    // Settings in the environment would win over those of the file.
    env: { PATH: process.env['PATH'] },
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const output: string[] = [];
  let pid: number | undefined;
  let port: number | undefined;
  const started = await new Promise<{ pid: number; port: number } | undefined>((resolve, reject) => {
    child.once('error', reject);
    ended.then(() => resolve(undefined));
    createInterface(child.stderr).on('line', (line) => {
      if (output.length < 200) output.push(line);
      const announced = /^pid (\d+)$/.exec(line)?.[1];
      if (announced !== undefined) pid = Number(announced);
      const listening = /listening on [^"]*:(\d+)/.exec(line)?.[1];
      if (listening !== undefined) port = Number(listening);
      // The two lines come from two processes, in any order; killing process 0 would kill the tests.
      if (pid !== undefined && port !== undefined) resolve({ pid, port });
    });
  });
  if (started === undefined) throw new Error(`docker-registry did not start:\n${output.join('\n')}`);
  return { ...started, ended };
}
