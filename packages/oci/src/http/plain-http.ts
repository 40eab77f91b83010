import { isRegistry } from '../reference.js';

/** Which servers the user lets us talk to without TLS. */
export interface PlainHttp {
  /** Whether this host (`host` or `host:port`) is a registry without TLS. */
  isPlain(host: string): boolean;
  /** Whether the user named this very host, rather than all. */
  isNamed(host: string): boolean;
}

/** @throws TypeError for an entry that is no host */
export function plainHttpRegistries(setting: boolean | readonly string[]): PlainHttp {
  if (typeof setting === 'boolean') return { isPlain: () => setting, isNamed: () => false };
  const hosts = new Set(setting.map((host) => host.toLowerCase()));
  for (const host of hosts) {
    if (!isRegistry(host)) throw new TypeError(`plainHttp: "${host}" is not a host, or a host and a port`);
  }
  const isNamed = (host: string): boolean => hosts.has(host);
  return { isPlain: isNamed, isNamed };
}
