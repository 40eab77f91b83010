import type { ListenAddress } from './settings.js';

/** Where something is reached over HTTP. */
export function formatUrl({ host, port }: ListenAddress): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
