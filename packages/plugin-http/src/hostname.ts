/** Whether `text` is a host name of RFC 1123: labels of letters, digits and inner hyphens, 253 characters at most, no port. */
export function isHostname(text: string): boolean {
  return text.length <= 253 && /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)(?:\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*$/.test(text);
}

/** The two parts of an authority. */
export interface HostAndPort {
  /** In lower case; an IPv6 address keeps its brackets. */
  readonly host: string;
  readonly port: number | undefined;
}

/** Reads `host[:port]`, `undefined` for anything else: user information, white space, a port that is none. */
export function parseAuthority(text: string): HostAndPort | undefined {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~-]+)(?::(\d{0,5}))?$/.exec(text);
  if (match?.[1] === undefined || text.length > 270) return undefined;
  const port = match[2] === undefined || match[2] === '' ? undefined : Number(match[2]);
  if (port !== undefined && port > 65_535) return undefined;
  return { host: match[1].toLowerCase(), port };
}

/**
 * The host as a URL spells it, so that every spelling of an address (`2130706433`, `0x7f.1`, `[0:0::1]`) is the address itself;
 * `undefined` when it is none.
 */
export function canonicalHost(host: string): string | undefined {
  return URL.parse(`http://${host}/`)?.hostname;
}
