import { checkObject } from './containers.js';
import { type FieldType, type JsonValue, join, messageError } from './field-type.js';

/** What a message is made from: every member may be left out, and is then its default. */
export type MessageInit<T> = T extends string | number | bigint | boolean
  ? T
  : T extends readonly (infer Item)[]
    ? readonly MessageInit<Item>[]
    : string extends keyof T
      ? T
      : { readonly [Key in keyof T]?: MessageInit<Exclude<T[Key], undefined>> | undefined };

/** One protobuf message: its fields, and how it is read and written. Works as the type of a field of another message. */
export interface MessageType<T> extends FieldType<T, MessageInit<T>> {
  /** As in the protobuf file. */
  readonly name: string;
  write(value: MessageInit<T>, path: string): { readonly [key: string]: JsonValue };
}

/** The fields of a message by their JSON names. */
export type Fields<T> = {
  readonly [Key in keyof T]-?: FieldType<Exclude<T[Key], undefined>, MessageInit<Exclude<T[Key], undefined>>>;
};

/** Makes a message type. Of the fields of `oneOf`, only one may be given. */
export function message<T>(name: string, fields: Fields<T>, oneOf: readonly (keyof T & string)[] = []): MessageType<T> {
  const entries = Object.entries<FieldType<unknown, never>>(fields);
  const byName = new Map(entries.flatMap((entry) => [entry[0], toSnakeCase(entry[0])].map((key) => [key, entry])));
  const checkOneOf = (given: ReadonlySet<string>, path: string): void => {
    const present = oneOf.filter((key) => given.has(key));
    if (present.length > 1) throw messageError(path, `has ${present.join(' and ')}; only one of them may be given`);
  };
  return {
    name,
    absent: () => undefined,
    read(value, path) {
      const object = checkObject(value, path);
      const read: Record<string, unknown> = {};
      const given = new Set<string>();
      for (const [spelling, member] of Object.entries(object)) {
        const known = byName.get(spelling);
        // Unknown fields belong to a later version; null says the same as leaving the field out.
        if (known === undefined || member === null) continue;
        const [key, field] = known;
        const place = join(path, key);
        if (given.has(key)) throw messageError(place, `is given twice, as ${key} and as ${toSnakeCase(key)}`);
        given.add(key);
        read[key] = field.read(member, place);
      }
      checkOneOf(given, path);
      for (const [key, field] of entries) {
        const absent = given.has(key) ? undefined : field.absent();
        if (absent !== undefined) read[key] = absent;
      }
      return read as T;
    },
    write(value, path) {
      const object = checkObject(value, path);
      for (const key of Object.keys(object)) {
        if (!Object.hasOwn(fields, key)) throw messageError(join(path, key), `is no field of ${name}`);
      }
      const written: Record<string, JsonValue> = {};
      const given = new Set<string>();
      for (const [key, field] of entries) {
        const member = object[key];
        if (member === undefined) continue;
        given.add(key);
        const json = field.write(member as never, join(path, key));
        if (json !== undefined) written[key] = json;
      }
      checkOneOf(given, path);
      return written;
    },
  };
}

/** `memoryLimitMb` to `memory_limit_mb`: the name in the protobuf file. */
function toSnakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
