import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/** A `nats-server` that answers. */
export interface NatsProcess {
  readonly pid: number;
  /** Settles when the process is gone. */
  readonly ended: Promise<void>;
}

/** How to start one. */
export interface NatsProcessOptions {
  readonly program: string;
  readonly configFile: string;
  /** Removed when the process that runs the tests dies before it could do so itself. */
  readonly folder: string;
  readonly port: number;
  readonly serverName: string;
}

/**
 * Runs the server and watches for the end of standard input, which comes with the end of the process that runs the tests, however it dies: no
 * server outlives its tests, and no folder either.
 */
const guard = `
"$1" --config "$2" </dev/null &
server=$!
echo "pid $server" >&2
( read -r _; kill -9 "$server"; rm -rf -- "$3" ) <&3 >/dev/null 2>&1 &
watch=$!
wait "$server"
kill "$watch" 2>/dev/null
`;

/**
 * Starts a server and waits until it greets with its own name.
 *
 * @throws Error with what the server wrote, when it ends instead
 */
export async function startProcess(options: NatsProcessOptions): Promise<NatsProcess> {
  const { program, configFile, folder, port, serverName } = options;
  const child = spawn('/bin/sh', ['-c', `exec 3<&0; ${guard}`, 'nats-guard', program, configFile, folder], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const output: string[] = [];
  let pid: number | undefined;
  let isServing = false;
  const started = await new Promise<number | undefined>((resolve, reject) => {
    child.once('error', reject);
    ended.then(() => resolve(undefined));
    createInterface(child.stderr).on('line', (line) => {
      const announced = /^pid (\d+)$/.exec(line);
      if (announced !== null) pid = Number(announced[1]);
      if (output.length < 200) output.push(line);
      if (line.includes('Server is ready')) isServing = true;
      // The two lines come from two processes, in any order; killing process 0 would kill the tests.
      if (isServing && pid !== undefined) resolve(pid);
    });
  });
  if (started === undefined) throw new Error(`nats-server did not start:\n${output.join('\n')}`);
  const greeted = await greeting(port);
  if (greeted !== serverName) throw new Error(`port ${port} belongs to '${greeted}', not to '${serverName}'`);
  return { pid: started, ended };
}

/** The name in the greeting of the server on `port`. */
function greeting(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (!text.includes('\r\n')) return;
      socket.destroy();
      const name = /"server_name":"([^"]*)"/.exec(text);
      resolve(name?.[1] ?? '');
    });
    socket.once('error', reject);
    socket.once('end', () => reject(new Error('the server closed the connection before it greeted')));
  });
}
