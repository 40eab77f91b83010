import type { Transport } from '../http/transport.js';
import { OciError } from '../oci-error.js';
import type { Challenge } from './challenge.js';
import { mayHaveCredentials, untrustedRealm } from './realm.js';
import { basicAuthorization, type Secret } from './secret.js';
import { fetchToken } from './token.js';

/** Answers to challenges that are kept. */
const maxKept = 512;
/** Milliseconds before its end at which a token counts as spent. */
const marginMs = 5_000;

/** Who wants to do what where. */
export interface Access {
  /** The registry's origin. */
  readonly home: URL;
  readonly repository: string;
  readonly actions: 'pull' | 'pull,push';
  readonly secret: Secret | undefined;
  /** Equal for equal secrets, and says nothing about them. */
  readonly identity: string;
}

/** What an {@link Authenticator} works with. */
export interface AuthenticatorOptions {
  readonly transport: Transport;
  /** Hosts of token services beside those of a registry's own site. */
  readonly tokenRealms: ReadonlySet<string>;
}

/** Answers the challenges of registries, and remembers the answers while they are good. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #kept: Map<string, { authorization: string; endsAt: number }> = new Map();

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /** The `authorization` header that worked before for the same access. */
  known(access: Access): string | undefined {
    const key = keyOf(access);
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    if (kept.endsAt <= performance.now()) return undefined;
    this.#kept.set(key, kept);
    return kept.authorization;
  }

  /** Forgets what {@link Authenticator.known} gives: the registry did not take it. */
  forget(access: Access): void {
    this.#kept.delete(keyOf(access));
  }

  /**
   * The `authorization` header that meets a challenge.
   *
   * @throws OciError `ERR_CREDENTIALS_MISSING`, `ERR_REALM_UNTRUSTED`, `ERR_REGISTRY_INVALID`, and those of the token service
   */
  async answer(challenge: Challenge | undefined, access: Access, signal: AbortSignal): Promise<string> {
    const { authorization, endsAt } = await this.#meet(challenge, access, signal);
    this.#kept.set(keyOf(access), { authorization, endsAt });
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= maxKept) break;
      this.#kept.delete(oldest);
    }
    return authorization;
  }

  async #meet(
    challenge: Challenge | undefined,
    access: Access,
    signal: AbortSignal,
  ): Promise<{ authorization: string; endsAt: number }> {
    const { home, repository, actions, secret } = access;
    if (challenge === undefined) {
      throw new OciError(
        'ERR_REGISTRY_INVALID',
        `${home.origin} wants authentication of a kind that is neither basic nor bearer.`,
      );
    }
    if (challenge.scheme === 'basic') {
      if (secret === undefined) throw credentialsMissing(access);
      if (secret.kind === 'identity-token') {
        throw new OciError(
          'ERR_CREDENTIALS_REFUSED',
          `${home.host} takes a user and a password, and Docker's config file has an identity token for it: log in again.`,
        );
      }
      return { authorization: basicAuthorization(secret), endsAt: Number.POSITIVE_INFINITY };
    }
    const realm = this.#realmOf(challenge.realm, access);
    const scope = `repository:${repository}:${actions}`;
    const { token, lifetime } = await fetchToken(this.#options.transport, {
      realm,
      service: challenge.service,
      scope,
      secret,
      home,
      signal,
    });
    return { authorization: `Bearer ${token}`, endsAt: performance.now() + lifetime * 1000 - marginMs };
  }

  #realmOf(text: string, { home, secret }: Access): URL {
    const realm = URL.parse(text);
    if (realm === null || !/^https?:$/.test(realm.protocol)) {
      throw new OciError(
        'ERR_REGISTRY_INVALID',
        `${home.origin} names a token service that is no URL: ${JSON.stringify(text.slice(0, 200))}.`,
      );
    }
    realm.username = '';
    realm.password = '';
    realm.hash = '';
    if (secret === undefined) return realm;
    // Whether it has TLS where it must is the transport's business, which looks before it sends.
    if (!mayHaveCredentials(realm, home, this.#options.tokenRealms)) throw untrustedRealm(realm, home);
    return realm;
  }
}

/** The error of a registry that wants to know who asks, and nobody said. */
export function credentialsMissing({ home, repository }: Access): OciError {
  return new OciError(
    'ERR_CREDENTIALS_MISSING',
    `${home.host} gives ${repository} to nobody without credentials, or does not have it: check the name, or give credentials.`,
    { details: { registry: home.host, repository } },
  );
}

function keyOf({ home, repository, actions, identity }: Access): string {
  return JSON.stringify([home.origin, repository, actions, identity]);
}
