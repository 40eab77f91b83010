import { isIPv6 } from 'node:net';
import { isDigest } from './digest.js';
import { OciError } from './oci-error.js';

/** The parts of a reference such as `registry.example/acme/hello:1.0.0`. */
export interface OciReference {
  /** `host` or `host:port`, in lower case. */
  readonly registry: string;
  /** `acme/hello`. */
  readonly repository: string;
  /** `latest` where the text has neither tag nor digest. */
  readonly tag?: string;
  /** `sha256:…`. Wins over the tag. */
  readonly digest?: string;
}

/** The registry of references that name none. */
const defaultRegistry = 'docker.io';

const repositoryPattern = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const hostPattern = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const maxLength = 1024;

/**
 * Takes a reference apart: `[registry/]repository[:tag][@digest]`. As everywhere, the first part is a registry when it has a dot or a port or is `localhost`;
 * a reference without one is Docker Hub's.
 *
 * @throws OciError `ERR_REFERENCE_INVALID`
 */
export function parseReference(text: string): OciReference {
  if (text.length > maxLength) throw invalid(text, `it is longer than ${maxLength} characters`);
  if (text.includes('://')) throw invalid(text, 'leave out the part before and including "://"');
  const [beforeDigest = '', digest, ...more] = text.split('@');
  if (more.length > 0) throw invalid(text, 'it has more than one "@"');
  if (digest !== undefined && !isDigest(digest)) throw invalid(text, 'after "@" belongs "sha256:" and 64 hex digits');
  const { registry, path } = splitRegistry(beforeDigest);
  if (!isRegistry(registry)) throw invalid(text, `"${registry}" is not a host, or a host and a port`);
  const colon = path.indexOf(':');
  const named = colon === -1 ? path : path.slice(0, colon);
  const tag = colon === -1 ? undefined : path.slice(colon + 1);
  const repository = registry === defaultRegistry && !named.includes('/') ? `library/${named}` : named;
  if (!repositoryPattern.test(named)) {
    throw invalid(text, 'a repository has lower-case letters, digits, single separators (. _ -) and slashes');
  }
  // The specification's bound, on the registry and the repository together.
  if (`${registry}/${repository}`.length > 255)
    throw invalid(text, 'its registry and repository exceed 255 characters');
  if (tag !== undefined && !tagPattern.test(tag)) {
    throw invalid(text, 'a tag has up to 128 letters, digits and . _ -, and begins with none of . -');
  }
  if (digest !== undefined)
    return tag === undefined ? { registry, repository, digest } : { registry, repository, tag, digest };
  return { registry, repository, tag: tag ?? 'latest' };
}

/** The reference in full: `docker.io/library/hello:latest`. */
export function formatReference({ registry, repository, tag, digest }: OciReference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function splitRegistry(text: string): { registry: string; path: string } {
  const slash = text.indexOf('/');
  const first = slash === -1 ? '' : text.slice(0, slash);
  const isHost = /[.:]/.test(first) || first.toLowerCase() === 'localhost';
  if (!isHost) return { registry: defaultRegistry, path: text };
  const registry = first.toLowerCase();
  const isDockerHub = registry === 'index.docker.io' || registry === 'registry-1.docker.io';
  return { registry: isDockerHub ? defaultRegistry : registry, path: text.slice(slash + 1) };
}

/** Whether `text` is `host` or `host:port`; IPv6 addresses are in brackets. */
export function isRegistry(text: string): boolean {
  const [, host = '', port] = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return false;
  return host.startsWith('[') ? isIPv6(host.slice(1, -1)) : host.length <= 253 && hostPattern.test(host);
}

function invalid(text: string, reason: string): OciError {
  const shown = JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
  return new OciError(
    'ERR_REFERENCE_INVALID',
    `${shown} is not a reference like registry.example/acme/hello:1.0.0: ${reason}.`,
  );
}
