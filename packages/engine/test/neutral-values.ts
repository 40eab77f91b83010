import { memberName } from '@lodge-internal/engine-suite';
import type { ValueType } from '@lodge-internal/fixtures';

/**
 * A value of the engine interface as JSON that any language reads with the type at hand: integers as text, `f32` and `f64` as the bits of a double
 * and bytes in hexadecimal, the names of flags that are set, and `[case]` or `[case, payload]` for everything that is a variant underneath.
 */
export function neutralValue(type: ValueType, value: unknown): unknown {
  switch (type.kind) {
    case 'list':
      if (type.element.kind === 'u8') return Buffer.from(value as Uint8Array).toString('hex');
      return Array.from(value as ArrayLike<unknown>, (item) => neutralValue(type.element, item));
    case 'tuple':
      return type.elements.map((element, index) => neutralValue(element, (value as readonly unknown[])[index]));
    case 'record':
      return Object.fromEntries(
        type.fields.map(({ name, type: field }) => [
          name,
          neutralValue(field, (value as Readonly<Record<string, unknown>>)[memberName(name)]),
        ]),
      );
    case 'flags':
      return type.names.filter((name) => (value as Readonly<Record<string, unknown>>)[memberName(name)] === true);
    case 'variant':
    case 'result': {
      const { tag, val } = value as { readonly tag: string; readonly val?: unknown };
      const payload = type.kind === 'result' ? type[tag as 'ok' | 'err'] : caseType(type, tag);
      return payload === undefined ? [tag] : [tag, neutralValue(payload, val)];
    }
    case 'option': {
      const isTagged = type.some.kind === 'option';
      const { tag, val } = isTagged
        ? (value as { readonly tag: string; readonly val?: unknown })
        : { tag: value === undefined ? 'none' : 'some', val: value };
      return tag === 'none' ? [tag] : [tag, neutralValue(type.some, val)];
    }
    case 'bool':
    case 'char':
    case 'string':
    case 'enum':
      return value;
    case 'f32':
    case 'f64':
      return bitsOf(value as number);
    default:
      return String(value);
  }
}

function caseType(type: Extract<ValueType, { kind: 'variant' }>, tag: string): ValueType | undefined {
  return type.cases.find((one) => one.name === tag)?.type;
}

/** As a double, also of an `f32`; there is one NaN. */
function bitsOf(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(Number.isNaN(value) ? Number.NaN : value);
  return bytes.toString('hex');
}
