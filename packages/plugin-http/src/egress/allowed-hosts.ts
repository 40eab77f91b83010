import { HostError } from '@lodge/core';
import { canonicalHost, parseAuthority } from '../hostname.js';

/** One entry of `allowedHosts`, parsed. */
export interface AllowedHost {
  readonly kind: 'any' | 'exact' | 'suffix';
  /** In lower case; unset: any. */
  readonly scheme: string | undefined;
  /** In lower case; for `suffix` with its leading dot; empty for `any`. */
  readonly host: string;
  /** Unset: any. */
  readonly port: number | undefined;
}

/** Where a request wants to go. */
export interface Destination {
  /** In lower case. */
  readonly scheme: string;
  /** In its canonical spelling, see `canonicalHost`. */
  readonly host: string;
  /** Unset: that of the scheme. */
  readonly port: number | undefined;
}

/** What a list of entries says: no; yes; yes, by an entry that is this very host and no pattern. */
export type HostVerdict = 'denied' | 'allowed' | 'named';

/** Parses every entry. @throws HostError `ERR_CONFIG_INVALID` with the entry and what is wrong with it. */
export function parseAllowedHosts(entries: readonly string[], path: string = 'allowedHosts'): readonly AllowedHost[] {
  return entries.map((entry, index) => {
    try {
      return parseAllowedHost(entry);
    } catch (error) {
      const reason = error instanceof TypeError ? error.message : 'it is not valid';
      throw new HostError('ERR_CONFIG_INVALID', `The allowed host ${JSON.stringify(entry)} is wrong: ${reason}.`, {
        details: { path: `${path}[${index}]` },
      });
    }
  });
}

/**
 * Parses `*`, `host[:port]`, `*.suffix[:port]`, the latter two also as `scheme://…[/]`.
 *
 * @throws TypeError whose message says what is wrong.
 */
export function parseAllowedHost(entry: string): AllowedHost {
  const text = entry.trim();
  if (text === '') throw new TypeError('it is empty');
  if (text === '*') return { kind: 'any', scheme: undefined, host: '', port: undefined };
  const schemeEnd = text.indexOf('://');
  const scheme = schemeEnd < 0 ? undefined : parseScheme(text.slice(0, schemeEnd));
  const authority = parseRest(schemeEnd < 0 ? text : text.slice(schemeEnd + 3), scheme !== undefined);
  if (!authority.startsWith('*')) {
    const { host, port } = parseHost(authority);
    return { kind: 'exact', scheme, host: canonicalHost(host) ?? host, port };
  }
  if (!authority.startsWith('*.')) {
    throw new TypeError('a wildcard must be of the form "*.<rest>", with a dot after the star');
  }
  const { host, port } = parseHost(authority.slice(2));
  return { kind: 'suffix', scheme, host: `.${host}`, port };
}

/** What `hosts` say to a destination. An empty list denies all. */
export function checkAllowedHosts(hosts: readonly AllowedHost[], to: Destination): HostVerdict {
  let verdict: HostVerdict = 'denied';
  for (const entry of hosts) {
    if (!matches(entry, to)) continue;
    if (entry.kind === 'exact') return 'named';
    verdict = 'allowed';
  }
  return verdict;
}

function matches(entry: AllowedHost, to: Destination): boolean {
  if (entry.kind === 'any') return true;
  if (entry.scheme !== undefined && entry.scheme !== to.scheme) return false;
  if (entry.port !== undefined && entry.port !== (to.port ?? defaultPort(to.scheme))) return false;
  if (entry.kind === 'exact') return entry.host === to.host;
  return to.host.length > entry.host.length && to.host.endsWith(entry.host);
}

function defaultPort(scheme: string): number | undefined {
  if (scheme === 'http') return 80;
  return scheme === 'https' ? 443 : undefined;
}

function parseScheme(text: string): string {
  if (!/^[A-Za-z][A-Za-z0-9+.-]*$/.test(text)) throw new TypeError(`its scheme ${JSON.stringify(text)} is not valid`);
  return text.toLowerCase();
}

/** The authority in what follows the scheme, with a bare slash behind it only where there is one. */
function parseRest(text: string, hasScheme: boolean): string {
  if (text.includes('#')) throw new TypeError('it must not include a fragment');
  if (text.includes('?')) throw new TypeError('it must not include a query string');
  const slash = text.indexOf('/');
  const authority = slash < 0 ? text : text.slice(0, slash);
  if (slash >= 0 && (!hasScheme || slash < text.length - 1)) {
    throw new TypeError(
      `it must not include a path, such as ${JSON.stringify(text.slice(slash))}: hosts are allowed, not paths`,
    );
  }
  if (authority.includes('@')) throw new TypeError('it must not include user information');
  return authority;
}

function parseHost(text: string): { host: string; port: number | undefined } {
  const bracket = text.lastIndexOf(']');
  const colon = text.indexOf(':', Math.max(bracket, 0));
  const host = colon < 0 ? text : text.slice(0, colon);
  const port = colon < 0 ? undefined : text.slice(colon + 1);
  if (host === '') throw new TypeError('it has no host');
  if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)) {
    throw new TypeError(`its port ${JSON.stringify(port)} is not a number from 0 to 65535`);
  }
  const parsed = parseAuthority(host);
  if (parsed === undefined) throw new TypeError(`its host ${JSON.stringify(host)} is not valid`);
  return { host: parsed.host, port: port === undefined ? undefined : Number(port) };
}
