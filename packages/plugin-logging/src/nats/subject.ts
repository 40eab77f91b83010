import type { WorkloadInfo } from '@lodge/core';

const encoder = new TextEncoder();

/**
 * `<prefix>.<namespace>.<workload>`: everything in a name but letters, digits, hyphens and underscores is `=XX`, so that no name is a wildcard or adds a
 * level.
 */
export function logSubject(prefix: string, { namespace, name }: WorkloadInfo): string {
  return `${prefix}.${toToken(namespace)}.${toToken(name)}`;
}

/** Whether `text` can stand before the names: plain tokens, not of the server's own. */
export function isSubjectPrefix(text: string): boolean {
  return text.length <= 128 && /^[\w-]+(?:\.[\w-]+)*$/.test(text);
}

function toToken(name: string): string {
  if (name === '') return '=';
  let token = '';
  for (const byte of encoder.encode(name)) {
    const character = String.fromCharCode(byte);
    token += /[\w-]/.test(character) ? character : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return token;
}
