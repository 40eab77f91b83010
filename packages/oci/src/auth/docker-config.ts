import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { OciError } from '../oci-error.js';
import { askCredentialHelper } from './credential-helper.js';
import { passwordOf, type Secret } from './secret.js';

const maxBytes = 1024 * 1024;

/** The members of Docker's config file that say who we are. */
interface DockerConfig {
  readonly auths: Readonly<Record<string, unknown>>;
  readonly credHelpers: Readonly<Record<string, unknown>>;
  readonly credsStore: unknown;
}

/** Credentials from Docker's config file and the helpers that it names. The file is read each time: tokens in it are replaced now and then. */
export class DockerCredentials {
  readonly #file: string;
  /** A file that the user named must be there. */
  readonly #isRequired: boolean;

  constructor(file?: string) {
    this.#file = file ?? join(process.env['DOCKER_CONFIG'] || join(homedir(), '.docker'), 'config.json');
    this.#isRequired = file !== undefined;
  }

  /**
   * Who we are for a repository; `undefined` when the file does not say.
   *
   * @throws OciError `ERR_CREDENTIALS_UNREADABLE`
   */
  async secretFor(registry: string, repository: string, signal: AbortSignal): Promise<Secret | undefined> {
    const config = await this.#read();
    if (config === undefined) return undefined;
    const helper = bestMatch(config.credHelpers, registry, repository)?.value ?? config.credsStore;
    if (typeof helper === 'string' && helper !== '') {
      const secret = await askCredentialHelper(helper, serverOf(registry), signal);
      if (secret !== undefined) return secret;
    }
    const match = bestMatch(config.auths, registry, repository);
    return match === undefined ? undefined : this.#secretOf(match.key, match.value);
  }

  async #read(): Promise<DockerConfig | undefined> {
    let text: string;
    try {
      const { size } = await stat(this.#file);
      if (size > maxBytes) throw this.#unreadable(`has more than ${maxBytes} bytes`);
      text = await readFile(this.#file, 'utf8');
    } catch (error) {
      if (OciError.is(error)) throw error;
      if (!this.#isRequired && isAbsent(error)) return undefined;
      throw this.#unreadable('cannot be read', error);
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // The parser quotes the text, which has passwords in it.
      throw this.#unreadable('is not JSON');
    }
    if (!isRecord(value)) throw this.#unreadable('is not an object');
    const { auths = {}, credHelpers = {}, credsStore } = value;
    if (!isRecord(auths) || !isRecord(credHelpers))
      throw this.#unreadable('has "auths" or "credHelpers" that is not an object');
    return { auths, credHelpers, credsStore };
  }

  #secretOf(key: string, value: unknown): Secret | undefined {
    if (!isRecord(value)) throw this.#unreadable(`has an entry "${key}" that is not an object`);
    const { auth, username, password, identitytoken, registrytoken } = value;
    if (typeof identitytoken === 'string' && identitytoken !== '')
      return { kind: 'identity-token', token: identitytoken };
    if (typeof registrytoken === 'string' && registrytoken !== '') {
      throw this.#unreadable(
        `has a "registrytoken" for "${key}", which is not supported: log in with a user and a password`,
      );
    }
    if (typeof auth === 'string' && auth !== '') {
      const text = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
      const colon = text.indexOf(':');
      if (colon < 1) throw this.#unreadable(`has an "auth" for "${key}" that is not user:password in Base64`);
      return passwordOf({ username: text.slice(0, colon), password: text.slice(colon + 1) });
    }
    if (typeof username !== 'string' || typeof password !== 'string' || username === '') return undefined;
    return passwordOf({ username, password });
  }

  #unreadable(problem: string, cause?: unknown): OciError {
    const text = `Docker's config file ${this.#file} ${problem}: correct it, or give the credentials yourself.`;
    return new OciError('ERR_CREDENTIALS_UNREADABLE', text, cause === undefined ? {} : { cause });
  }
}

/** The entry for the longest part of `registry/repository`: `registry.example/acme` goes before `registry.example`. */
function bestMatch(
  entries: Readonly<Record<string, unknown>>,
  registry: string,
  repository: string,
): { key: string; value: unknown } | undefined {
  const wanted = `${registry}/${repository}/`;
  return Object.entries(entries)
    .map(([key, value]) => ({ key, value, prefix: `${normalize(key)}/` }))
    .filter(({ prefix }) => wanted.startsWith(prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length)[0];
}

/** Keys are hosts, hosts with a path, or the addresses of earlier protocols: `https://index.docker.io/v1/`. */
function normalize(key: string): string {
  const bare = key
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/+$/, '');
  return bare.replace(/^(?:index|registry-1)\.docker\.io(?=\/|$)/, 'docker.io');
}

/** What helpers know a registry as. */
function serverOf(registry: string): string {
  return registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
