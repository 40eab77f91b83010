import { HostError, WitError } from '@lodge/core';
import {
  fromLatin1,
  isFieldName,
  isFieldValue,
  isForbiddenName,
  maxFieldBytes,
  maxFieldEntries,
  toLatin1,
} from './field-syntax.js';

/** `variant header-error` */
export interface HeaderError {
  readonly tag: 'invalid-syntax' | 'forbidden' | 'immutable';
}

/** One field: its name in lower case, its value as bytes or, as long as nobody asked for bytes, as characters of the same number. */
interface Entry {
  readonly name: string;
  value: Uint8Array | string;
}

/** What counts the children of a resource, which go before it. */
export interface ParentResource {
  children: number;
}

/**
 * `wasi:http/types`, `resource fields`: the headers or trailers of a message. Names are in lower case; repeated fields keep their
 * order and are never joined.
 *
 * @throws WitError of {@link HeaderError} from what changes it; HostError `ERR_LIMIT_EXCEEDED`, which traps, past 4,096
 *   entries or 1 MiB.
 */
export class Fields {
  #entries: Entry[] | undefined;
  /** As the transport has it: name, value, name, value. Read at the first question. */
  #raw: readonly string[] | undefined;
  #bytes = 0;
  #isImmutable = false;
  #parent: ParentResource | undefined;

  /** Immutable fields of a received message. Forbidden ones are left out. @param parent Counts it as a child until it is dropped. */
  static received(raw: readonly string[], parent?: ParentResource): Fields {
    const fields = new Fields();
    fields.#raw = raw;
    fields.#isImmutable = true;
    fields.#attach(parent);
    return fields;
  }

  /** `from-list: static func(entries: list<tuple<field-name,field-value>>) -> result<fields, header-error>` */
  static fromList(entries: readonly (readonly [string, Uint8Array])[]): Fields {
    const fields = new Fields();
    for (const [name, value] of entries) fields.append(name, value);
    return fields;
  }

  /** `get: func(name: field-name) -> list<field-value>` */
  get(name: string): Uint8Array[] {
    const values: Uint8Array[] = [];
    const key = name.toLowerCase();
    for (const entry of this.#list()) if (entry.name === key) values.push(bytesOf(entry));
    return values;
  }

  /** `has: func(name: field-name) -> bool` */
  has(name: string): boolean {
    const key = name.toLowerCase();
    return this.#list().some((entry) => entry.name === key);
  }

  /** `set: func(name: field-name, value: list<field-value>) -> result<_, header-error>` */
  set(name: string, values: readonly Uint8Array[]): void {
    const key = this.#check(name);
    for (const value of values) checkValue(value);
    this.#remove(key);
    for (const value of values) this.#add(key, value);
  }

  /** `delete: func(name: field-name) -> result<_, header-error>` */
  delete(name: string): void {
    this.#remove(this.#check(name));
  }

  /** `append: func(name: field-name, value: field-value) -> result<_, header-error>` */
  append(name: string, value: Uint8Array): void {
    const key = this.#check(name);
    checkValue(value);
    this.#add(key, value);
  }

  /** `entries: func() -> list<tuple<field-name,field-value>>` */
  entries(): [string, Uint8Array][] {
    return this.#list().map((entry) => [entry.name, bytesOf(entry)]);
  }

  /** `clone: func() -> fields`. The copy can be changed. */
  clone(): Fields {
    const copy = new Fields();
    copy.#entries = this.#list().map((entry) => ({ ...entry }));
    copy.#bytes = this.#bytes;
    return copy;
  }

  /** A handle to the same, now immutable fields that counts as a child of `parent`. For the host. */
  frozenChild(parent: ParentResource): Fields {
    const child = new Fields();
    child.#entries = this.#list();
    child.#bytes = this.#bytes;
    child.#isImmutable = true;
    child.#attach(parent);
    return child;
  }

  /** Name, value, name, value, as transports take them. The array is the caller's own. For the host. */
  toRaw(): string[] {
    const raw: string[] = [];
    for (const entry of this.#list()) {
      raw.push(entry.name, typeof entry.value === 'string' ? entry.value : toLatin1(entry.value));
    }
    return raw;
  }

  /** Bytes of names and values. For the host. */
  get byteLength(): number {
    this.#list();
    return this.#bytes;
  }

  [Symbol.dispose](): void {
    const parent = this.#parent;
    this.#parent = undefined;
    if (parent !== undefined) parent.children--;
  }

  #attach(parent: ParentResource | undefined): void {
    this.#parent = parent;
    if (parent !== undefined) parent.children++;
  }

  #list(): Entry[] {
    if (this.#entries !== undefined) return this.#entries;
    const entries: Entry[] = [];
    const raw = this.#raw ?? [];
    for (let index = 0; index + 1 < raw.length; index += 2) {
      const name = (raw[index] ?? '').toLowerCase();
      const value = raw[index + 1] ?? '';
      if (isForbiddenName(name)) continue;
      entries.push({ name, value });
      this.#bytes += name.length + value.length;
    }
    this.#raw = undefined;
    this.#entries = entries;
    return entries;
  }

  #check(name: string): string {
    if (this.#isImmutable) throw headerError('immutable');
    if (!isFieldName(name)) throw headerError('invalid-syntax');
    const key = name.toLowerCase();
    if (isForbiddenName(key)) throw headerError('forbidden');
    return key;
  }

  #add(name: string, value: Uint8Array): void {
    const entries = this.#list();
    this.#bytes += name.length + value.length;
    if (entries.length >= maxFieldEntries || this.#bytes > maxFieldBytes) {
      throw new HostError(
        'ERR_LIMIT_EXCEEDED',
        `The guest put more than ${maxFieldEntries} entries or ${maxFieldBytes} bytes into one fields resource; send less.`,
      );
    }
    entries.push({ name, value });
  }

  #remove(name: string): void {
    const kept: Entry[] = [];
    for (const entry of this.#list()) {
      if (entry.name === name) this.#bytes -= name.length + entry.value.length;
      else kept.push(entry);
    }
    this.#entries = kept;
  }
}

function bytesOf(entry: Entry): Uint8Array {
  if (typeof entry.value === 'string') entry.value = fromLatin1(entry.value);
  return entry.value;
}

function checkValue(value: Uint8Array): void {
  if (!isFieldValue(value)) throw headerError('invalid-syntax');
}

function headerError(tag: HeaderError['tag']): WitError<HeaderError> {
  return new WitError<HeaderError>({ tag });
}
