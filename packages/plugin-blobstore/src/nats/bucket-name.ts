import { createHash } from 'node:crypto';
import type { ContainerPlace } from '../backend.js';

/** Characters of a name that is used as it is; a stream takes 255, its prefix included. */
const maxLength = 200;

/**
 * The name of the NATS object store for a container: `<namespace>__<store>__<container>`, each part with `_XX` for every byte but `A-Z a-z 0-9 -`. A
 * shared container has its own name, with `=XX` for every byte that NATS does not take and for the first `_` of two: so a shared container is
 * never one of a namespace. Names that would be too long become a hash. No two containers have one name.
 */
export function bucketName({ namespace, store, container }: ContainerPlace): string {
  if (namespace === undefined) {
    const name = escapeBytes(container, /[-\w]/, '=').replace(/_(?=_)/g, '=5F');
    if (name === '') return '=';
    return name.length > maxLength ? `s__${hash([container])}` : name;
  }
  const parts = [namespace, store ?? '', container];
  const name = parts.map((part) => escapeBytes(part, /[-A-Za-z0-9]/, '_')).join('__');
  return name.length > maxLength ? `h__${hash(parts)}` : name;
}

/** The last token of the subject that holds what is known of an object, as every client of NATS object stores has it; `=` for the empty name, which others do not have. */
export function nameToken(name: string): string {
  if (name === '') return '=';
  const text = Buffer.from(name, 'utf8').toString('base64url');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

/** The name that {@link nameToken} was given; `undefined` for a token that is none. */
export function tokenName(token: string): string | undefined {
  if (token === '=') return '';
  const name = Buffer.from(token, 'base64url').toString('utf8');
  return nameToken(name) === token ? name : undefined;
}

function escapeBytes(text: string, plain: RegExp, mark: string): string {
  let escaped = '';
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte);
    escaped += plain.test(character) ? character : `${mark}${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}

function hash(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
