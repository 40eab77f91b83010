import { spawn } from 'node:child_process';
import { OciError } from '../oci-error.js';
import type { Secret } from './secret.js';

/** Milliseconds that a helper may take; one that waits for somebody at a keyboard waits for ever. */
const timeoutMs = 10_000;
const maxOutputBytes = 65_536;
/** The user name that stands for "the secret is an identity token". */
const tokenUser = '<token>';

/**
 * Asks `docker-credential-<name>` for the credentials of a server; `undefined` when it has none.
 *
 * @throws OciError `ERR_CREDENTIALS_UNREADABLE` when the program is missing, fails, takes too long or talks nonsense
 */
export async function askCredentialHelper(
  name: string,
  server: string,
  signal: AbortSignal,
): Promise<Secret | undefined> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) throw failed(name, 'has a name that is not that of a program');
  const { exitCode, output } = await run(name, server, signal);
  if (exitCode !== 0) {
    // The one message that helpers have for this, in the words of Docker's protocol.
    if (/credentials not found/i.test(output)) return undefined;
    throw failed(name, `ended with exit code ${exitCode}`);
  }
  let answer: unknown;
  try {
    answer = JSON.parse(output);
  } catch {
    throw failed(name, 'did not answer with JSON');
  }
  const { Username: username, Secret: secret } = (answer ?? {}) as { Username?: unknown; Secret?: unknown };
  if (typeof username !== 'string' || typeof secret !== 'string')
    throw failed(name, 'answered without Username and Secret');
  return username === tokenUser
    ? { kind: 'identity-token', token: secret }
    : { kind: 'password', username, password: secret };
}

function run(name: string, server: string, signal: AbortSignal): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(`docker-credential-${name}`, ['get'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const end = (error: unknown): void => {
      child.kill('SIGKILL');
      // A grandchild may hold the pipe open.
      child.stdout.destroy();
      reject(error);
    };
    const timer = setTimeout(() => end(failed(name, `did not answer within ${timeoutMs} ms`)), timeoutMs);
    const onAbort = (): void => end(signal.reason);
    const chunks: Buffer[] = [];
    let length = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxOutputBytes) end(failed(name, `wrote more than ${maxOutputBytes} bytes`));
      else chunks.push(chunk);
    });
    child.once('error', (error) => end(failed(name, 'cannot be run', error)));
    child.once('close', (code) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve({ exitCode: code ?? -1, output: Buffer.concat(chunks).toString('utf8') });
    });
    signal.addEventListener('abort', onAbort, { once: true });
    child.stdin.on('error', () => {});
    child.stdin.end(`${server}\n`);
  });
}

/** Nothing that a helper writes goes into a message: it may be the secret. */
function failed(name: string, problem: string, cause?: unknown): OciError {
  const text = `The credential helper docker-credential-${name.slice(0, 64)} ${problem}: run it by hand, or correct Docker's config file.`;
  return new OciError('ERR_CREDENTIALS_UNREADABLE', text, cause === undefined ? {} : { cause });
}
