import { Readable } from 'node:stream';
import { type Access, type Authenticator, credentialsMissing } from '../auth/authenticator.js';
import { parseChallenge } from '../auth/challenge.js';
import { digestOf, hasDigest, hashFor, isDigest, sha256 } from '../digest.js';
import { readExactly, readUpTo } from '../http/read-body.js';
import { type RetryOptions, withRetries } from '../http/retry.js';
import {
  discard,
  headerOf,
  locationOf,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from '../http/transport.js';
import { mediaTypes } from '../media-types.js';
import { OciError } from '../oci-error.js';
import type { Descriptor } from './manifest.js';
import { unexpectedStatus } from './status-error.js';

/** Bytes that a manifest may have; what the specification asks registries to take. */
export const maxManifestBytes: number = 4 * 1024 * 1024;
/** Sent at a time, so that progress can be told. */
const chunkBytes = 256 * 1024;

const manifestTypes = [mediaTypes.manifest, mediaTypes.dockerManifest, mediaTypes.index, mediaTypes.dockerIndex];

/** What a {@link Repository} works with. */
export interface RepositoryOptions extends RetryOptions {
  readonly transport: Transport;
  readonly authenticator: Authenticator;
  readonly access: Access;
}

/** A manifest as it came. */
export interface FetchedManifest {
  readonly bytes: Uint8Array;
  readonly digest: string;
  readonly contentType: string | undefined;
}

/** One repository of a registry, for one transfer. Every request is tried again where that may help. */
export class Repository {
  readonly #options: RepositoryOptions;

  constructor(options: RepositoryOptions) {
    this.#options = options;
  }

  /** What the registry says a tag or a digest means now; `undefined` when it leaves that to {@link Repository.manifest}. */
  manifestDigest(tagOrDigest: string): Promise<string | undefined> {
    return this.#retry(async () => {
      const response = await this.#send({
        method: 'HEAD',
        url: this.#manifestUrl(tagOrDigest),
        headers: { accept: manifestTypes.join(', ') },
      });
      if (response.status !== 200) throw await this.#unexpected(response, this.#name(tagOrDigest));
      await discard(response);
      const digest = headerOf(response, 'docker-content-digest');
      return isDigest(digest) ? digest : undefined;
    });
  }

  /**
   * The manifest of a tag or a digest, checked.
   *
   * @throws OciError
   */
  manifest(tagOrDigest: string): Promise<FetchedManifest> {
    return this.#retry(async () => {
      const response = await this.#send({
        method: 'GET',
        url: this.#manifestUrl(tagOrDigest),
        headers: { accept: manifestTypes.join(', ') },
      });
      if (response.status !== 200) throw await this.#unexpected(response, this.#name(tagOrDigest));
      const bytes = await readUpTo(response, maxManifestBytes, 'manifest', this.#options.signal);
      const announced = headerOf(response, 'docker-content-digest');
      const expected = isDigest(tagOrDigest) ? tagOrDigest : announced;
      if (isDigest(expected) && !(await hasDigest(bytes, expected))) throw this.#wrongDigest('manifest', expected);
      const digest = isDigest(expected) ? expected : await sha256(bytes);
      return { bytes, digest, contentType: headerOf(response, 'content-type') };
    });
  }

  /**
   * A blob, checked for size and digest.
   *
   * @param what For messages: `layer`.
   * @throws OciError
   */
  blob(
    { digest, size }: Descriptor,
    what: string,
    onProgress: (transferredBytes: number) => void = () => {},
  ): Promise<Uint8Array> {
    return this.#retry(async () => {
      const response = await this.#send({ method: 'GET', url: this.#url(`blobs/${digest}`) });
      if (response.status !== 200)
        throw await this.#unexpected(response, `the ${what} of ${this.#options.access.repository}`);
      const hash = hashFor(digest);
      const bytes = await readExactly(response, { size, hash, onProgress, signal: this.#options.signal });
      if (digestOf(hash, digest) !== digest) throw this.#wrongDigest(what, digest);
      return bytes;
    });
  }

  /** Whether the registry has a blob. */
  hasBlob(digest: string): Promise<boolean> {
    return this.#retry(async () => {
      const response = await this.#send({ method: 'HEAD', url: this.#url(`blobs/${digest}`) });
      if (response.status !== 200 && response.status !== 404)
        throw await this.#unexpected(response, `a layer of ${this.#options.access.repository}`);
      await discard(response);
      return response.status === 200;
    });
  }

  /**
   * Stores a blob.
   *
   * @throws OciError
   */
  uploadBlob(
    bytes: Uint8Array,
    digest: string,
    onProgress: (transferredBytes: number) => void = () => {},
  ): Promise<void> {
    const { repository } = this.#options.access;
    return this.#retry(async () => {
      const begun = await this.#send({
        method: 'POST',
        url: this.#url('blobs/uploads/'),
        headers: { 'content-length': '0' },
      });
      if (begun.status !== 202) throw await this.#unexpected(begun, `the repository ${repository}`);
      await discard(begun);
      const url = locationOf(begun);
      // Added as text: what is signed must come back letter by letter.
      url.search += `${url.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
      const stored = await this.#send({
        method: 'PUT',
        url,
        headers: { 'content-type': 'application/octet-stream', 'content-length': String(bytes.length) },
        body: () => Readable.from(chunks(bytes, onProgress), { objectMode: false }),
      });
      if (stored.status !== 201) throw await this.#unexpected(stored, `the repository ${repository}`);
      await discard(stored);
    });
  }

  /**
   * Stores a manifest under a tag.
   *
   * @throws OciError
   */
  putManifest(tag: string, bytes: Uint8Array, digest: string): Promise<void> {
    return this.#retry(async () => {
      const response = await this.#send({
        method: 'PUT',
        url: this.#manifestUrl(tag),
        headers: { 'content-type': mediaTypes.manifest },
        body: () => bytes,
      });
      if (response.status !== 201) throw await this.#unexpected(response, this.#name(tag));
      await discard(response);
      const stored = headerOf(response, 'docker-content-digest');
      if (stored !== undefined && stored !== digest) throw this.#wrongDigest('manifest', digest);
    });
  }

  /** Sends a request, answers a challenge, and sends it once more. */
  async #send(request: {
    method: TransportRequest['method'];
    url: URL;
    headers?: Readonly<Record<string, string>>;
    body?: () => NonNullable<TransportRequest['body']>;
  }): Promise<TransportResponse> {
    const { transport, authenticator, access, signal } = this.#options;
    const { method, url, headers = {}, body } = request;
    // An upload may go to a storage service with a signed address, which is not to see who we are.
    const isHome = url.origin === access.home.origin;
    const send = (authorization: string | undefined): Promise<TransportResponse> =>
      transport.send({ method, url, home: access.home, headers, authorization, body: body?.() ?? null, signal });
    const known = isHome ? authenticator.known(access) : undefined;
    const first = await send(known);
    if (first.status !== 401 || !isHome || first.url.origin !== access.home.origin) return first;
    await discard(first);
    authenticator.forget(access);
    const answer = await authenticator.answer(parseChallenge(first.headers['www-authenticate']), access, signal);
    if (answer === known) throw this.#refused();
    const second = await send(answer);
    if (second.status !== 401) return second;
    await discard(second);
    authenticator.forget(access);
    throw access.secret === undefined ? credentialsMissing(access) : this.#refused();
  }

  async #unexpected(response: TransportResponse, what: string): Promise<OciError> {
    return unexpectedStatus(response, what, this.#options.signal);
  }

  #refused(): OciError {
    const { home, repository } = this.#options.access;
    return new OciError(
      'ERR_CREDENTIALS_REFUSED',
      `${home.host} does not accept the credentials for ${repository}: check them, and whether they may do this.`,
      { details: { registry: home.host, repository } },
    );
  }

  #wrongDigest(what: string, expected: string): OciError {
    const { home, repository } = this.#options.access;
    return new OciError(
      'ERR_DIGEST_MISMATCH',
      `The ${what} of ${repository} that comes from ${home.host} does not have the digest ${expected}: push the artifact again, or find who changes it on the way.`,
      { details: { registry: home.host, repository, expected } },
    );
  }

  #retry<T>(attempt: () => Promise<T>): Promise<T> {
    return withRetries(this.#options, attempt);
  }

  #name(tagOrDigest: string): string {
    return `${this.#options.access.repository}${isDigest(tagOrDigest) ? '@' : ':'}${tagOrDigest}`;
  }

  #manifestUrl(tagOrDigest: string): URL {
    return this.#url(`manifests/${tagOrDigest}`);
  }

  #url(path: string): URL {
    const { home, repository } = this.#options.access;
    return new URL(`/v2/${repository}/${path}`, home);
  }
}

async function* chunks(bytes: Uint8Array, onProgress: (transferredBytes: number) => void): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const chunk = bytes.subarray(at, at + chunkBytes);
    yield chunk;
    onProgress(at + chunk.length);
  }
}
