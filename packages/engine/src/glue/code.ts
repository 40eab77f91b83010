/** Text of a generated function body, with names that cannot collide. Nothing of a guest gets in but through {@link literal}. */
export class Code {
  readonly #lines: string[] = [];
  readonly #names: { next: number };

  /** A nested block shares the names of the block around it. */
  constructor(names: { next: number } = { next: 0 }) {
    this.#names = names;
  }

  line(text: string): void {
    this.#lines.push(text);
  }

  /** A new local name. */
  name(): string {
    return `v${this.#names.next++}`;
  }

  /** Evaluates `expression` once; answers the name that holds it. */
  hold(expression: string): string {
    if (/^[a-z]\w*$/.test(expression)) return expression;
    const name = this.name();
    this.line(`const ${name} = ${expression};`);
    return name;
  }

  /** A block of its own, to be placed with {@link text}. */
  block(): Code {
    return new Code(this.#names);
  }

  get text(): string {
    return this.#lines.join('\n');
  }
}

/** A string as JavaScript source. The only way in which text from a component reaches generated code. */
export function literal(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

/** A property access. */
export function member(object: string, name: string): string {
  return `${object}[${literal(name)}]`;
}

/** `base + offset` as source. */
export function plus(base: string, offset: number): string {
  return offset === 0 ? base : `${base} + ${offset}`;
}
