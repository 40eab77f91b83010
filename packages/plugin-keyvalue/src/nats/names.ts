import type { BucketAddress } from '../backend.js';
import { KeyValueError } from '../errors.js';

/** NATS lets a key be made of these. `=` is one of them too, and here it begins an escape. */
const plainKey = /^[-/.\w]+$/;
const plainKeyByte = /[-/.\w]/;

/**
 * A key of any characters as one that NATS takes: every byte that is none of `A-Z a-z 0-9 - / _ .` becomes `=XX`, and so does a dot where NATS lets
 * none be. The empty key is `=`. Different keys stay different.
 */
export function encodeKey(key: string): string {
  if (plainKey.test(key) && !hasBadDot(key)) return key;
  if (key === '') return '=';
  let encoded = '';
  for (const byte of new TextEncoder().encode(wellFormed(key))) {
    const character = String.fromCharCode(byte);
    const isBadDot = character === '.' && (encoded === '' || encoded.endsWith('.'));
    encoded += plainKeyByte.test(character) && !isBadDot ? character : escapeByte('=', byte);
  }
  return encoded.endsWith('.') ? `${encoded.slice(0, -1)}=2E` : encoded;
}

/** The key that {@link encodeKey} was given; `undefined` for what it never makes, which is somebody else's key. */
export function decodeKey(encoded: string): string | undefined {
  if (!encoded.includes('=')) return plainKey.test(encoded) && !hasBadDot(encoded) ? encoded : undefined;
  if (encoded === '=') return '';
  if (!/^(?:[-/.\w]|=[0-9A-F]{2})+$/.test(encoded)) return undefined;
  let key: string;
  try {
    key = decodeURIComponent(encoded.replaceAll('=', '%'));
  } catch {
    return undefined;
  }
  return encodeKey(key) === encoded ? key : undefined;
}

/**
 * The name of the NATS bucket: `<namespace>__<store>__<bucket>`, each part with `_XX` for every byte but `A-Z a-z 0-9 -`, so that no two addresses
 * meet. A shared bucket has its own name and no other, which therefore must not have two `_` in a row: it could be one of a namespace, or a store of
 * `wasi:config`.
 *
 * @throws KeyValueError `no-such-store` for a shared name that NATS does not take, `access-denied` for one that may belong to a namespace, `other` for a
 * name that is too long
 */
export function bucketName({ namespace, store, bucket }: BucketAddress): string {
  if (namespace === undefined) {
    if (!/^[-\w]{1,200}$/.test(bucket)) throw new KeyValueError('no-such-store', 'NATS has no buckets of such a name');
    if (bucket.includes('__')) throw new KeyValueError('access-denied', 'such names are those of namespaces');
    return bucket;
  }
  const name = [namespace, store, bucket].map(encodePart).join('__');
  if (name.length > 200) throw new KeyValueError('other', 'the name of the bucket is too long');
  return name;
}

function encodePart(part: string): string {
  let encoded = '';
  for (const byte of new TextEncoder().encode(wellFormed(part))) {
    const character = String.fromCharCode(byte);
    encoded += /[-A-Za-z0-9]/.test(character) ? character : escapeByte('_', byte);
  }
  return encoded;
}

function escapeByte(mark: string, byte: number): string {
  return `${mark}${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** An empty token is no subject. */
function hasBadDot(key: string): boolean {
  return key.startsWith('.') || key.endsWith('.') || key.includes('..');
}

/** Halves of surrogate pairs have no bytes of their own: two such keys would become one. Guests cannot make them. */
function wellFormed(text: string): string {
  if (text.isWellFormed()) return text;
  throw new KeyValueError('other', 'the text is not well-formed Unicode');
}
