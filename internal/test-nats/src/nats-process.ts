import { connect } from 'node:net';
import { type RunningProgram, startProgram } from '@lodge-internal/test-program';

/** How to start a `nats-server`. */
export interface NatsProcessOptions {
  readonly program: string;
  readonly configFile: string;
  /** Removed when the process that runs the tests dies before it could do so itself. */
  readonly folder: string;
  readonly port: number;
  readonly serverName: string;
}

/**
 * Starts a server and waits until it greets with its own name.
 *
 * @throws Error with what the server wrote, when it ends instead
 */
export async function startProcess(options: NatsProcessOptions): Promise<RunningProgram<true>> {
  const { program, configFile, folder, port, serverName } = options;
  const running = await startProgram({
    program,
    args: ['--config', configFile],
    folder,
    announcement: (line) => line.includes('Server is ready') || undefined,
  });
  const greeted = await greeting(port);
  if (greeted !== serverName) throw new Error(`port ${port} belongs to '${greeted}', not to '${serverName}'`);
  return running;
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
