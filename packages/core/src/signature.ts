import { isWitName } from './interface-id.js';
import type { FunctionShape, NamedType, TypeShape } from './shape.js';

/** Says which type a handle is of: `wasi:io/streams.input-stream@0.2`. */
export type NameResource = (handle: TypeShape & { kind: 'own' | 'borrow' }) => string;

/** Longer than any signature that a plugin states. A component may nest and share types so that the text of one would fill the memory. */
const maxLength = 16_384;
const maxDepth = 100;
/** Stands for what is too long. It is in no WIT text, so that nothing equals it. */
const elision = '…';

/**
 * Writes function types as WIT does, on one line and with every named type written out: `func(key: string) -> result<_, enum { gone }>`.
 * Functions whose texts are equal take and return the same. What would be longer than 16,384 characters is cut, with a `…`.
 */
export class SignatureWriter {
  readonly #nameResource: NameResource;
  readonly #texts = new Map<TypeShape, string>();

  /** @param nameResource names the type of a handle; such a name must tell resources of different interfaces apart */
  constructor(nameResource: NameResource) {
    this.#nameResource = nameResource;
  }

  write({ isAsync, params, result }: FunctionShape): string {
    const text = bounded(enclosed(isAsync ? 'async func(' : 'func(', this.#named(params, 0), ')'));
    return result === undefined ? text : bounded([text, ' -> ', this.#type(result, 0)]);
  }

  #type(type: TypeShape, depth: number): string {
    const known = this.#texts.get(type);
    if (known !== undefined) return known;
    const text = depth > maxDepth ? elision : bounded(this.#parts(type, depth + 1));
    this.#texts.set(type, text);
    return text;
  }

  #parts(type: TypeShape, depth: number): Iterable<string> {
    switch (type.kind) {
      case 'list': {
        const length = type.length === undefined ? '' : `, ${type.length}`;
        return ['list<', this.#type(type.element, depth), length, '>'];
      }
      case 'map':
        return ['map<', this.#type(type.key, depth), ', ', this.#type(type.value, depth), '>'];
      case 'record':
        return enclosed('record { ', this.#named(type.fields, depth), ' }');
      case 'tuple':
        return enclosed(
          'tuple<',
          this.#separated(type.elements, (element) => this.#type(element, depth)),
          '>',
        );
      case 'variant': {
        const cases = this.#separated(type.cases, (item) => {
          return item.type === undefined
            ? witName(item.name)
            : `${witName(item.name)}(${this.#type(item.type, depth)})`;
        });
        return enclosed('variant { ', cases, ' }');
      }
      case 'enum':
        return enclosed('enum { ', this.#separated(type.cases, witName), ' }');
      case 'flags':
        return enclosed('flags { ', this.#separated(type.names, witName), ' }');
      case 'option':
        return ['option<', this.#type(type.some, depth), '>'];
      case 'result':
        return this.#result(type, depth);
      case 'own':
      case 'borrow':
        return [type.kind, '<', this.#nameResource(type), '>'];
      case 'stream':
      case 'future':
        return type.element === undefined ? [type.kind] : [type.kind, '<', this.#type(type.element, depth), '>'];
      default:
        return [type.kind];
    }
  }

  #result({ ok, err }: TypeShape & { kind: 'result' }, depth: number): string[] {
    if (ok === undefined && err === undefined) return ['result'];
    const okText = ok === undefined ? '_' : this.#type(ok, depth);
    return err === undefined ? ['result<', okText, '>'] : ['result<', okText, ', ', this.#type(err, depth), '>'];
  }

  #named(items: readonly NamedType[], depth: number): Iterable<string> {
    return this.#separated(items, ({ name, type }) => `${witName(name)}: ${this.#type(type, depth)}`);
  }

  *#separated<T>(items: readonly T[], write: (item: T) => string): Iterable<string> {
    let isFirst = true;
    for (const item of items) {
      yield isFirst ? write(item) : `, ${write(item)}`;
      isFirst = false;
    }
  }
}

function* enclosed(start: string, parts: Iterable<string>, end: string): Iterable<string> {
  yield start;
  yield* parts;
  yield end;
}

/** Asks for no more parts than fit. */
function bounded(parts: Iterable<string>): string {
  let text = '';
  for (const part of parts) {
    text += part;
    if (text.length > maxLength) return elision;
  }
  return text;
}

/** A name that is none would let two types have one text. */
export function witName(name: string): string {
  return isWitName(name) ? name : JSON.stringify(name.slice(0, 100));
}
