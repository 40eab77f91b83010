import type { IncomingMessage } from 'node:http';

/** Where a request goes. */
export interface RequestTarget {
  /** Path and query, or `*`. */
  readonly path: string;
  readonly authority: string | undefined;
}

/** Visible ASCII: what a request target is made of. */
const visible = /^[\x21-\x7e]+$/;
const absolute = /^https?:\/\/([^/?#]+)([^#]*)/i;

/** Reads target and host of a request; `undefined` when they are none, or several (RFC 9112, 3.2). */
export function readTarget(request: IncomingMessage): RequestTarget | undefined {
  const url = request.url ?? '';
  if (!visible.test(url)) return undefined;
  const { host } = request.headers;
  if (host === undefined ? request.httpVersionMinor > 0 : hasSecondHost(request.rawHeaders)) return undefined;
  if (url.startsWith('/') || url === '*') return { path: url, authority: host };
  const match = absolute.exec(url);
  const [, authority, rest = ''] = match ?? [];
  if (authority === undefined) return undefined;
  return { path: rest.startsWith('/') ? rest : `/${rest}`, authority };
}

function hasSecondHost(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name !== undefined && name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts > 1;
}
