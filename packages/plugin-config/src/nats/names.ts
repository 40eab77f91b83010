import type { ConfigPlace } from '../backend.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Longest name of a bucket: its stream has a prefix of three characters and servers limit file names. */
const maxBucketLength = 200;

/**
 * The bucket of a place: `<namespace>__<store>` with everything but letters, digits and hyphens as `_XX`; a shared store has nothing before
 * the line. No two places have one bucket. `undefined`: too long for a bucket, so there is none.
 */
export function bucketName({ namespace, store }: ConfigPlace): string | undefined {
  const owner = namespace === undefined ? '' : escapeBytes(namespace, /[A-Za-z0-9-]/, '_');
  const name = `${owner}__${escapeBytes(store, /[A-Za-z0-9-]/, '_')}`;
  return name.length > maxBucketLength ? undefined : name;
}

/** The key of a bucket for a configuration key: what NATS does not take, and `=`, as `=XX`; the empty one is `=`. */
export function toBucketKey(key: string): string {
  if (key === '') return '=';
  const escaped = escapeBytes(key, /[A-Za-z0-9/_.-]/, '=');
  // Dots divide a subject and must have something on both sides.
  return escaped.replaceAll(/^\.|\.$|\.(?=\.)/g, '=2E');
}

/** The configuration key of a bucket's key; one that {@link toBucketKey} would not write stands for itself. */
export function fromBucketKey(bucketKey: string): string {
  if (bucketKey === '=') return '';
  if (!bucketKey.includes('=')) return bucketKey;
  const bytes: number[] = [];
  for (const [token, hex] of bucketKey.matchAll(/=([0-9A-F]{2})|[\s\S]/g)) {
    bytes.push(hex === undefined ? token.charCodeAt(0) : Number.parseInt(hex, 16));
  }
  try {
    const key = decoder.decode(Uint8Array.from(bytes));
    return toBucketKey(key) === bucketKey ? key : bucketKey;
  } catch {
    return bucketKey;
  }
}

function escapeBytes(text: string, legal: RegExp, mark: string): string {
  let escaped = '';
  for (const byte of encoder.encode(text)) {
    const character = String.fromCharCode(byte);
    const isLegal = byte < 0x80 && legal.test(character);
    escaped += isLegal ? character : `${mark}${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}
