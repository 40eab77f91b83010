import { HostError } from '@lodge/core';

/** What stands in a JSON document. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** How the values of one protobuf type are written as JSON and read from it. `In` is what may be given to be written. */
export interface FieldType<T, In = T> {
  /** What a field has that was not given. `undefined`: the field is absent then. */
  absent(): T | undefined;
  /** Lenient. `value` is never `null`: that counts as not given. */
  read(value: unknown, path: string): T;
  /** Strict. `undefined`: the value is the default, and is left out. */
  write(value: In, path: string): JsonValue | undefined;
}

/** The error for what stands at `path`; the message itself where that is empty. */
export function messageError(path: string, problem: string): HostError {
  return new HostError('ERR_MESSAGE_INVALID', `${path === '' ? 'the message' : path} ${problem}`, {
    details: { path },
  });
}

/** The path of a member or of an entry of a map. */
export function join(path: string, key: string): string {
  if (!/^[A-Za-z_][\w-]{0,63}$/.test(key)) return `${path}[${quote(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** What a value is, for messages. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    return String(value).slice(0, 40);
  }
  return typeof value === 'object' ? 'an object' : typeof value;
}

/** The kind of a value and nothing of its content, for what may be secret. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value === undefined) return 'nothing';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function quote(value: string): string {
  return JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);
}
