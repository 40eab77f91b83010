import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));
const lodge = fileURLToPath(new URL('bin/lodge.js', import.meta.resolve('@lodge/cli/package.json')));

/** Runs `lodge dev` until disposed, and says where it serves. */
export async function dev(...flags: readonly string[]): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = spawn(process.execPath, [lodge, 'dev', '--http', '127.0.0.1:0', '-o', 'json', ...flags], {
    cwd: folder,
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
