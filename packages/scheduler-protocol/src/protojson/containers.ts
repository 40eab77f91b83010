import { type FieldType, join, kindOf, messageError } from './field-type.js';
import { string } from './scalars.js';

/** Entries of a list or a map; a host takes no more either. It keeps a message of many small parts from keeping everybody else waiting. */
const maxEntries = 10_000;

/** `repeated`. */
export function listOf<T, In>(item: FieldType<T, In>): FieldType<readonly T[], readonly In[]> {
  return {
    absent: () => [],
    read: (value, path) =>
      checkList(value, path).map((entry, index) => {
        if (entry === null) throw messageError(`${path}[${index}]`, 'must not be null');
        return item.read(entry, `${path}[${index}]`);
      }),
    write(value, path) {
      checkList(value, path);
      // Inside a list there is no leaving out. Only text and messages are repeated, and a message is never left out.
      const written = Array.from(value, (entry, index) => item.write(entry, `${path}[${index}]`) ?? '');
      return written.length === 0 ? undefined : written;
    },
  };
}

/** `map<string, string>`. What is read has no prototype: a look-up of `__proto__` finds what the message says, or nothing. */
export const textMap: FieldType<Readonly<Record<string, string>>> = {
  absent: () => Object.create(null),
  read: (value, path) => copyEntries(value, path),
  write(value, path) {
    const copy = copyEntries(value, path);
    return Object.keys(copy).length === 0 ? undefined : copy;
  },
};

function copyEntries(value: unknown, path: string): Record<string, string> {
  const copy: Record<string, string> = Object.create(null);
  const entries = Object.entries(checkObject(value, path));
  checkCount(entries.length, path);
  for (const [key, entry] of entries) {
    const place = join(path, key);
    if (!key.isWellFormed()) throw messageError(place, 'must have a key of well-formed Unicode');
    copy[key] = string.read(entry, place);
  }
  return copy;
}

/** An object that is no list. */
export function checkObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw messageError(path, `must be an object, not ${kindOf(value)}`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function checkList(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw messageError(path, `must be a list, not ${kindOf(value)}`);
  checkCount(value.length, path);
  return value;
}

function checkCount(count: number, path: string): void {
  if (count > maxEntries) throw messageError(path, `has ${count} entries; at most ${maxEntries} are allowed`);
}
