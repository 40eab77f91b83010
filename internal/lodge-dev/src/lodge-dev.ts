import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const lodge = fileURLToPath(new URL('bin/lodge.js', import.meta.resolve('@lodge/cli/package.json')));

/** A `lodge dev` that serves. */
export interface DevServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:41234`. */
  readonly url: string;
}

/**
 * Runs `lodge dev` on a port of its own until it is disposed, as a user of the project would, with a build first where one is due.
 *
 * @param project a file URL of the folder, with a `/` at its end
 * @param flags more of the command line, such as `--nats <url>`
 * @throws Error with what it wrote, when it ends before it serves
 */
export async function lodgeDev(project: URL, ...flags: readonly string[]): Promise<DevServer> {
  const server = spawn(process.execPath, [lodge, 'dev', '--http', '127.0.0.1:0', '-o', 'json', ...flags], {
    cwd: fileURLToPath(project),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(server, 'close');
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    server.stdout.on('data', (chunk: Buffer) => {
      output += chunk;
      const [, found] = /"listening","url":"([^"]+)"/.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    });
    server.once('close', () => reject(new Error(`lodge dev ended:\n${output}`)));
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.kill('SIGKILL');
      await closed;
    },
  };
}
