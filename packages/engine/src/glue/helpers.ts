import type { ValueType } from '../plan/types.js';
import { Code, literal } from './code.js';
import { type Crossing, copyCompound, copyElements } from './copy.js';
import { liftElements, loadCompound } from './lift.js';
import { lowerElements, lowerScalar, storeCompound } from './lower.js';
import type { Side } from './values.js';

/** Between two memories, without handles: for every pair of components alike. */
const crossing: Crossing = {
  from: { memory: 'm', component: 0, handles: 'graph' },
  to: { memory: 'w', component: 0, handles: 'graph' },
};

/**
 * Functions shared by everything generated for one graph: one per compound type and direction, made when first asked for. They stand outside of
 * the instances, take the memory as an argument, and so stay optimised from the first instance to the last.
 */
export class Helpers {
  readonly #names = new Map<string, string>();
  readonly #texts: string[] = [];

  /** All helpers, as source. */
  get text(): string {
    return this.#texts.join('\n');
  }

  load(type: ValueType, side: Side, pointer: string): string {
    const name = this.#helper(
      'load',
      type,
      side,
      (code, inner) => code.line(`return ${loadCompound(code, type, inner, this)};`),
      'm, p',
    );
    return `${name}(${side.memory}, ${pointer})`;
  }

  store(type: ValueType, side: Side, value: string, pointer: string): string {
    const name = this.#helper('store', type, side, (code, inner) => storeCompound(code, type, inner, this), 'm, v, p');
    return `${name}(${side.memory}, ${value}, ${pointer})`;
  }

  liftElements(element: ValueType, side: Side, pointer: string, length: string): string {
    const name = this.#helper(
      'liftList',
      element,
      side,
      (code, inner) => liftElements(code, element, inner, this),
      'm, p, n',
    );
    return `${name}(${side.memory}, ${pointer}, ${length})`;
  }

  lowerElements(element: ValueType, side: Side, value: string): string {
    const name = this.#helper(
      'lowerList',
      element,
      side,
      (code, inner) => lowerElements(code, element, inner, this),
      'm, v',
    );
    return `${name}(${side.memory}, ${value})`;
  }

  /** Copies a value without handles from one memory to another. */
  copy(type: ValueType, from: string, to: string, source: string, target: string): string {
    const name = this.#function(`copy${type.id}`, 'm, w, p, q', (code) => copyCompound(code, type, crossing, this));
    return `${name}(${from}, ${to}, ${source}, ${target})`;
  }

  copyElements(element: ValueType, from: string, to: string, pointer: string, length: string): string {
    const name = this.#function(`copyList${element.id}`, 'm, w, p, n', (code) =>
      copyElements(code, element, crossing, this),
    );
    return `${name}(${from}, ${to}, ${pointer}, ${length})`;
  }

  /** The case names of an enum, by discriminant. */
  enumNames(type: Extract<ValueType, { kind: 'enum' }>): string {
    return this.#constant(`names${type.id}`, () => `[${type.names.map(literal).join(', ')}]`);
  }

  /** The discriminants of an enum, by case name. */
  enumIndices(type: Extract<ValueType, { kind: 'enum' }>): string {
    return this.#constant(
      `indices${type.id}`,
      () => `{ __proto__: null, ${type.names.map((name, index) => `${literal(name)}: ${index}`).join(', ')} }`,
    );
  }

  /** A function that answers a number of this type unchanged and refuses anything else. */
  checkNumber(type: ValueType): string {
    const side: Side = { memory: 'm', component: 0, handles: 'graph' };
    return this.#constant(`check_${type.kind}`, () => `(v) => ${lowerScalar(new Code(), type, 'v', side, this)}`);
  }

  #constant(name: string, make: () => string): string {
    if (!this.#names.has(name)) {
      this.#names.set(name, name);
      this.#texts.push(`const ${name} = ${make()};`);
    }
    return name;
  }

  #function(name: string, parameters: string, emit: (code: Code) => void): string {
    if (!this.#names.has(name)) {
      this.#names.set(name, name);
      const code = new Code();
      emit(code);
      this.#texts.push(`function ${name}(${parameters}) {\n${code.text}\n}`);
    }
    return name;
  }

  #helper(
    purpose: string,
    type: ValueType,
    side: Side,
    emit: (code: Code, inner: Side) => void,
    parameters: string,
  ): string {
    // Without handles, a value is lifted and lowered alike for everyone.
    const suffix = type.hasHandle ? `_${side.handles}_${side.component}${side.isMixed === true ? '_mixed' : ''}` : '';
    const name = `${purpose}${type.id}${suffix}`;
    return this.#function(name, parameters, (code) => emit(code, { ...side, memory: 'm' }));
  }
}
