import { UsageError } from './usage-error.js';

/** Where to listen. */
export interface ListenAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** Where HTTP is served unless somebody says otherwise: this machine only. */
export const defaultAddress: ListenAddress = { host: '127.0.0.1', port: 8000 };

/** Reads `127.0.0.1:8000`, `[::1]:8000`, `:8000` or `8000`. Answers `undefined` for anything else. */
export function parseAddress(text: string): ListenAddress | undefined {
  const match = /^(?:(\[[0-9a-fA-F:.%]+\]|[^:\s]*):)?(\d{1,5})$/.exec(text.trim());
  if (match === null) return undefined;
  const port = Number(match[2]);
  if (port > 65_535) return undefined;
  const host = match[1]?.replace(/^\[|\]$/g, '');
  return { host: host || defaultAddress.host, port };
}

/** As {@link parseAddress}, for an option of the command line. */
export function readAddress(option: string, text: string | undefined): ListenAddress | undefined {
  if (text === undefined) return undefined;
  const address = parseAddress(text);
  if (address === undefined) {
    throw new UsageError(`${option} is host:port with a port from 0 to 65535, such as 127.0.0.1:8000, not "${text}".`);
  }
  return address;
}

/** Reads `NAME=value` pairs; a later one wins. The value may be empty and may hold more `=`. */
export function readPairs(option: string, texts: readonly string[]): Record<string, string> {
  const pairs = texts.map((text) => {
    const separator = text.indexOf('=');
    // The text is not repeated: it may be a secret with a forgotten name.
    if (separator < 1) throw new UsageError(`${option} needs a name and a value: ${option} NAME=value`);
    return [text.slice(0, separator), text.slice(separator + 1)] as const;
  });
  return Object.fromEntries(pairs);
}

/** Reads a whole number of at least 0. */
export function readCount(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,6}$/.test(text)) throw new UsageError(`${option} is a whole number from 0 to 999999, not "${text}".`);
  return Number(text);
}

/** What a NATS url looks like, for errors. */
export const natsUrlForm = 'nats://host:port, such as nats://127.0.0.1:4222';

/** Whether `text` can be the url of a NATS server: `nats://host:port`, `tls://…`, with or without a login, or `host:port`. */
export function isNatsUrl(text: string): boolean {
  const match = /^(?:(?:nats|tls):\/\/)?([^/\s]+)$/.exec(text);
  return match?.[1] !== undefined && URL.canParse(`http://${match[1]}`);
}

/**
 * Where to store, publish and log: what the command line says, else the environment variable `LODGE_NATS_URL`, else `fallback`. An empty text means nowhere
 * but in memory.
 */
export function readNatsUrl(option: string | undefined, fallback?: string): string | undefined {
  const variable = process.env['LODGE_NATS_URL'];
  const [name, url] = option === undefined ? ['LODGE_NATS_URL', variable ?? ''] : ['--nats', option];
  // The text is not repeated: it may hold a password.
  if (url !== '' && !isNatsUrl(url)) throw new UsageError(`${name} is ${natsUrlForm}.`);
  if (option === undefined && variable === undefined) return fallback;
  return url === '' ? undefined : url;
}
