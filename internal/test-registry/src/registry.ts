import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, startProgram } from '@lodge-internal/test-program';
import { registryCertificate } from './certificate.js';
import type { TokenServer } from './token-server.js';

/** Options of {@link startRegistry}. */
export interface RegistryOptions {
  /** `basic`: only {@link registryUser} may read and write. A {@link TokenServer}: whoever has a token of it. @default everybody may */
  readonly auth?: 'basic' | TokenServer;
  /** Speaks TLS with {@link registryCertificate}. @default false */
  readonly tls?: boolean;
}

/** A real registry on a random loopback port with a store of its own. */
export interface Registry extends AsyncDisposable {
  readonly port: number;
  /** What references begin with: `127.0.0.1:<port>`, with TLS `localhost:<port>`. */
  readonly host: string;
  /** `http://…` or `https://…` with {@link Registry.host}. */
  readonly url: string;
  /** Where its store and configuration are. */
  readonly folder: string;
  /** Ends the process at once. Its files stay until it is disposed of. */
  stop(): Promise<void>;
  /** Ends the process and removes its files. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The user of a registry with `auth: 'basic'`. */
export const registryUser: { readonly username: string; readonly password: string } = Object.freeze({
  username: 'ann',
  password: 'open sesame',
});

/** That user as the registry wants it: bcrypt, of the lowest cost. */
const passwordFile = `${registryUser.username}:$2b$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n`;

/**
 * Starts a registry and returns when it takes connections. It dies with the process that started it.
 *
 * @throws Error with the registry's own words when it does not start
 */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const { auth, tls = false } = options;
  const program = findProgram('docker-registry');
  const folder = await mkdtemp(join(tmpdir(), 'lodge-registry-'));
  const file = (name: string): string => join(folder, name);
  try {
    await writeFile(file('certificate.pem'), registryCertificate.cert);
    await writeFile(file('key.pem'), registryCertificate.key, { mode: 0o600 });
    await writeFile(file('users'), passwordFile);
    const config = {
      version: 0.1,
      log: { level: 'info', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: file('store') }, delete: { enabled: true } },
      http: {
        addr: '127.0.0.1:0',
        ...(tls && { tls: { certificate: file('certificate.pem'), key: file('key.pem') } }),
      },
      ...(auth === 'basic' && { auth: { htpasswd: { realm: 'test', path: file('users') } } }),
      ...(typeof auth === 'object' && {
        auth: {
          token: {
            realm: auth.realm,
            service: auth.service,
            issuer: auth.issuer,
            rootcertbundle: file('certificate.pem'),
          },
        },
      }),
    };
    // JSON is YAML too.
    await writeFile(file('config.yml'), JSON.stringify(config));
    const running = await startProgram({
      program,
      args: ['serve', file('config.yml')],
      folder,
      // Settings in the environment would win over those of the file.
      env: { PATH: process.env['PATH'] },
      announcement: portOf,
    });
    const port = running.announced;
    const host = `${tls ? 'localhost' : '127.0.0.1'}:${port}`;
    let isStopped = false;
    const stop = async (): Promise<void> => {
      if (!isStopped) process.kill(running.pid, 'SIGKILL');
      isStopped = true;
      await running.ended;
    };
    running.ended.then(() => {
      isStopped = true;
    });
    return {
      port,
      host,
      url: `${tls ? 'https' : 'http'}://${host}`,
      folder,
      stop,
      async [Symbol.asyncDispose]() {
        await stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The port that the registry was given, in the line that tells so. */
function portOf(line: string): number | undefined {
  const port = /listening on [^"]*:(\d+)/.exec(line)?.[1];
  return port === undefined ? undefined : Number(port);
}
