import { createHash, createHmac, randomBytes, scrypt } from 'node:crypto';
import type { OciCredentials } from '../credentials.js';

/** For everybody: the registry gave it without asking who we are. */
export const publicGrant = 'public';
/** For callers who bring no credentials: the registry gave it for those of the host's docker config. */
export const hostGrant = 'host';

/** Grants that are kept, since one takes a while to compute. */
const maxKept = 64;

/**
 * Turns credentials into what can be kept on disk to recognise them: slow to guess, of no use in another cache.
 */
export class Grants {
  /** Keys of maps are not to be passwords. */
  readonly #processKey: Uint8Array = randomBytes(32);
  readonly #kept: Map<string, Promise<string>> = new Map();

  /** Equal for equal credentials of a registry, for this process only. */
  identity(registry: string, { username, password }: OciCredentials): string {
    return createHmac('sha256', this.#processKey)
      .update(JSON.stringify([registry, username, password]))
      .digest('base64');
  }

  /** The grant of credentials in the cache with this salt. */
  grantFor(registry: string, credentials: OciCredentials, salt: Uint8Array): Promise<string> {
    const key = this.identity(registry, credentials);
    const existing = this.#kept.get(key);
    if (existing !== undefined) return existing;
    const grant = compute(registry, credentials, salt);
    this.#kept.set(key, grant);
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= maxKept) break;
      this.#kept.delete(oldest);
    }
    return grant;
  }
}

function compute(registry: string, { username, password }: OciCredentials, salt: Uint8Array): Promise<string> {
  const secret = createHash('sha256')
    .update(JSON.stringify([registry, username, password]))
    .digest();
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, 32, { N: 16_384, r: 8, p: 1 }, (error, key) => {
      if (error === null) resolve(`credentials:${key.toString('hex')}`);
      else reject(error);
    });
  });
}
