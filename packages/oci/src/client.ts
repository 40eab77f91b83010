import { X509Certificate } from 'node:crypto';
import { type Access, Authenticator } from './auth/authenticator.js';
import { DockerCredentials } from './auth/docker-config.js';
import { passwordOf, type Secret } from './auth/secret.js';
import { DiskCache } from './cache/disk-cache.js';
import { Grants, hostGrant, publicGrant } from './cache/grants.js';
import type { OciCredentials } from './credentials.js';
import { Agents } from './http/agents.js';
import { type PlainHttp, plainHttpRegistries } from './http/plain-http.js';
import { Transport } from './http/transport.js';
import type { OciLogger } from './logger.js';
import type { OciProgress } from './progress.js';
import type { PulledArtifact, PullOptions, ResolveOptions } from './pull.js';
import { type Puller, pullArtifact } from './pull-artifact.js';
import type { PushedArtifact, PushOptions } from './push.js';
import { pushArtifact } from './push-artifact.js';
import { formatReference, isRegistry, type OciReference, parseReference } from './reference.js';
import { Repository } from './registry/repository.js';
import { SingleFlight } from './single-flight.js';
import { aborted, type Transfer, Transfers } from './transfers.js';

/** Options of {@link ociClient}. */
export interface OciClientOptions {
  /** A folder for what was pulled. Several processes of one user may share it. @default none: every pull asks the registry */
  readonly cacheDir?: string;
  /** Bytes that the cache may keep. What was used least recently goes first. @default 1 GiB */
  readonly maxCacheBytes?: number;
  /** Registries (`host` or `host:port`) that speak HTTP without TLS; `true`: all of them. @default false */
  readonly plainHttp?: boolean | readonly string[];
  /** Certificates of authorities to trust beside the usual ones, in PEM. */
  readonly ca?: readonly (string | Uint8Array)[];
  /** Milliseconds that one pull, push or resolve may take, retries included. @default 30_000 */
  readonly timeoutMs?: number;
  /** Bytes that a component may have. @default 256 MiB */
  readonly maxArtifactBytes?: number;
  /** Docker's config file, with credentials and names of credential helpers; `false`: none. @default `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json` */
  readonly dockerConfig?: string | false;
  /** Hosts of token services that may get credentials although they belong to another site than the registry. */
  readonly tokenRealms?: readonly string[];
  /** @default silent */
  readonly logger?: OciLogger;
}

/** Pulls and pushes components. One client serves a whole host. */
export interface OciClient extends AsyncDisposable {
  /**
   * The component behind a reference. Callers who ask for the same with the same credentials at the same time share one transfer.
   *
   * @throws OciError
   */
  pull(reference: string, options?: PullOptions): Promise<PulledArtifact>;
  /**
   * Stores a component under a tag.
   *
   * @throws OciError
   */
  push(reference: string, bytes: Uint8Array, options?: PushOptions): Promise<PushedArtifact>;
  /**
   * The digest that a reference has in the registry now. Of an index where the reference is one, unlike that of `pull`.
   *
   * @throws OciError
   */
  resolve(reference: string, options?: ResolveOptions): Promise<{ readonly digest: string }>;
  /** Ends what runs (`ERR_CLIENT_CLOSED`) and closes all connections. Does nothing the second time. */
  close(): Promise<void>;
}

/**
 * A client of OCI registries.
 *
 * @throws TypeError for options that make no sense
 */
export function ociClient(options: OciClientOptions = {}): OciClient {
  return new Client(options);
}

class Client implements OciClient {
  readonly #maxArtifactBytes: number;
  readonly #logger: OciLogger;
  readonly #plainHttp: PlainHttp;
  readonly #agents: Agents;
  readonly #transport: Transport;
  readonly #authenticator: Authenticator;
  readonly #docker: DockerCredentials | undefined;
  readonly #cache: DiskCache | undefined;
  readonly #grants: Grants = new Grants();
  readonly #transfers: Transfers;
  readonly #pulls: SingleFlight<PulledArtifact, OciProgress> = new SingleFlight();

  constructor(options: OciClientOptions) {
    const { cacheDir, plainHttp = false, ca = [], dockerConfig, tokenRealms = [] } = options;
    this.#maxArtifactBytes = positive('maxArtifactBytes', options.maxArtifactBytes ?? 256 * 1024 * 1024);
    const maxCacheBytes = positive('maxCacheBytes', options.maxCacheBytes ?? 1024 * 1024 * 1024);
    this.#logger = options.logger ?? { log() {} };
    this.#transfers = new Transfers(positive('timeoutMs', options.timeoutMs ?? 30_000, 2 ** 31 - 1));
    this.#plainHttp = plainHttpRegistries(plainHttp);
    ca.forEach(checkCertificate);
    this.#agents = new Agents(ca);
    this.#transport = new Transport(this.#agents, this.#plainHttp);
    this.#authenticator = new Authenticator({
      transport: this.#transport,
      tokenRealms: new Set(tokenRealms.map(checkHost)),
    });
    this.#docker = dockerConfig === false ? undefined : new DockerCredentials(dockerConfig);
    this.#cache = cacheDir === undefined ? undefined : new DiskCache(cacheDir, maxCacheBytes, this.#logger);
  }

  async pull(text: string, options: PullOptions = {}): Promise<PulledArtifact> {
    const { policy = 'if-not-present', credentials, signal, onProgress } = options;
    const reference = parseReference(text);
    const name = formatReference(reference);
    const who = credentials === undefined ? hostGrant : this.#grants.identity(reference.registry, credentials);
    return this.#pulls.join(
      JSON.stringify([name, policy, who]),
      { signal, onProgress: this.#guarded(onProgress), abortError: aborted },
      (shared, tell) =>
        this.#transfers.run(`Pulling ${name}`, shared, (transfer) =>
          pullArtifact({
            reference,
            policy,
            puller: this.#puller(reference, credentials, transfer),
            cache: this.#cache,
            maxArtifactBytes: this.#maxArtifactBytes,
            tell,
          }),
        ),
    );
  }

  async push(text: string, bytes: Uint8Array, options: PushOptions = {}): Promise<PushedArtifact> {
    const { credentials, signal, onProgress } = options;
    const reference = parseReference(text);
    return this.#transfers.run(`Pushing ${formatReference(reference)}`, signal, async (transfer) =>
      pushArtifact({
        reference,
        bytes,
        options,
        maxArtifactBytes: this.#maxArtifactBytes,
        repository: this.#repository(await this.#access(reference, 'pull,push', credentials, transfer), transfer),
        tell: this.#guarded(onProgress) ?? (() => {}),
      }),
    );
  }

  async resolve(text: string, options: ResolveOptions = {}): Promise<{ readonly digest: string }> {
    const { credentials, signal } = options;
    const reference = parseReference(text);
    const { tag = 'latest', digest: pinned } = reference;
    return this.#transfers.run(`Resolving ${formatReference(reference)}`, signal, async (transfer) => {
      const repository = this.#repository(await this.#access(reference, 'pull', credentials, transfer), transfer);
      const announced = await repository.manifestDigest(pinned ?? tag);
      return { digest: pinned ?? announced ?? (await repository.manifest(tag)).digest };
    });
  }

  async close(): Promise<void> {
    await this.#transfers.close();
    await this.#agents.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #puller(reference: OciReference, credentials: OciCredentials | undefined, transfer: Transfer): Puller {
    let access: Promise<Access> | undefined;
    const find = (): Promise<Access> => {
      access ??= this.#access(reference, 'pull', credentials, transfer);
      return access;
    };
    const ownGrant = async (own: OciCredentials): Promise<string | undefined> => {
      const salt = await this.#cache?.salt();
      return salt === undefined ? undefined : this.#grants.grantFor(reference.registry, own, salt);
    };
    return {
      repository: async () => this.#repository(await find(), transfer),
      acceptedGrants: async () => {
        const own = credentials === undefined ? hostGrant : await ownGrant(credentials);
        return own === undefined ? [publicGrant] : [publicGrant, own];
      },
      earnedGrant: async () => {
        if (credentials !== undefined) return ownGrant(credentials);
        return (await find()).secret === undefined ? publicGrant : hostGrant;
      },
    };
  }

  async #access(
    { registry, repository }: OciReference,
    actions: Access['actions'],
    credentials: OciCredentials | undefined,
    { signal }: Transfer,
  ): Promise<Access> {
    const secret =
      credentials === undefined ? await this.#docker?.secretFor(registry, repository, signal) : passwordOf(credentials);
    const scheme = this.#plainHttp.isPlain(registry) ? 'http' : 'https';
    const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
    return {
      home: new URL(`${scheme}://${host}`),
      repository,
      actions,
      secret,
      identity: this.#identity(registry, secret),
    };
  }

  #identity(registry: string, secret: Secret | undefined): string {
    if (secret === undefined) return 'anonymous';
    const { username, password } = secret.kind === 'password' ? secret : { username: '', password: secret.token };
    return this.#grants.identity(registry, { username, password });
  }

  #repository(access: Access, { signal, deadline }: Transfer): Repository {
    const transport = this.#transport;
    const authenticator = this.#authenticator;
    return new Repository({ transport, authenticator, access, signal, deadline, logger: this.#logger });
  }

  /** A callback of the caller's must not end what others wait for too. */
  #guarded(onProgress: ((progress: OciProgress) => void) | undefined): ((progress: OciProgress) => void) | undefined {
    if (onProgress === undefined) return undefined;
    return (progress) => {
      try {
        onProgress(progress);
      } catch (error) {
        this.#logger.log('error', 'onProgress of a transfer failed', { error: String(error) });
      }
    };
  }
}

function positive(name: string, value: number, max: number = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value > 0 && value <= max) return value;
  throw new TypeError(`${name} must be a whole number from 1 to ${max}`);
}

function checkHost(host: string): string {
  const lower = host.toLowerCase();
  if (!isRegistry(lower)) throw new TypeError(`tokenRealms: "${host}" is not a host, or a host and a port`);
  return lower;
}

/** Node.js says nothing about a certificate that it cannot read, and then trusts fewer servers than one thinks. */
function checkCertificate(certificate: string | Uint8Array, index: number): void {
  try {
    new X509Certificate(certificate);
  } catch (cause) {
    throw new TypeError(`ca[${index}] is not a certificate in PEM`, { cause });
  }
}
