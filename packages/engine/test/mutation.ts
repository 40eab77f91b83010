import type { Random } from '@lodge-internal/engine-suite';

/** A section of a component or a core module: bytes, or the sections of what is nested in it. */
interface Section {
  readonly id: number;
  readonly content: Uint8Array | Container;
}

/** A component or a core module. */
interface Container {
  readonly header: Uint8Array;
  readonly sections: readonly Section[];
}

/** Names that mean something to JavaScript, to text formats, or to nobody. */
const oddNames: readonly string[] = [
  '',
  '__proto__',
  'constructor',
  'prototype',
  'then',
  'a\nb',
  `"'\`\${globalThis.lodgeWasHere = 1}`,
  '\0',
  '\u2028\u2029',
  '\u{10ffff}',
  'lodge:fuel',
  'x'.repeat(5000),
  '[constructor]a',
  '[method]a.b',
  '[static]a.prototype',
  'a:b/c@0.2.0',
  '../../etc/passwd',
];
const oddNumbers: readonly number[] = [
  0,
  1,
  2,
  3,
  15,
  16,
  17,
  127,
  128,
  255,
  1000,
  65_535,
  65_536,
  2 ** 28,
  2 ** 31,
  2 ** 32 - 1,
];

/**
 * A component like `original`, changed in one to three places: sections left out, repeated, exchanged or taken from `other`; numbers, names and
 * types in them replaced. Sizes are corrected all the way up, so that what is wrong is what the reader reads last.
 */
export function mutated(original: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let container = read(original);
  const donor = read(other);
  for (let count = random.pick([1, 1, 1, 2, 3]); count > 0; count--) container = change(container, donor, random);
  return write(container);
}

function change(container: Container, donor: Container, random: Random): Container {
  const { sections } = container;
  const index = random.below(Math.max(1, sections.length));
  const chosen = sections[index];
  if (chosen === undefined) return container;
  const replaced = (...sectionsNow: readonly Section[]): Container => ({
    ...container,
    sections: [...sections.slice(0, index), ...sectionsNow, ...sections.slice(index + 1)],
  });
  const { content } = chosen;
  const isNested = !(content instanceof Uint8Array);
  if (isNested && random.below(3) > 0) return replaced({ ...chosen, content: change(content, donor, random) });
  switch (random.below(isNested ? 4 : 12)) {
    case 0:
      return replaced();
    case 1:
      return replaced(chosen, chosen);
    case 2:
      return replaced(...[...(donor.sections.length > 0 ? [random.pick(donor.sections)] : []), chosen]);
    case 3: {
      const rest = sections.filter((_, position) => position !== index);
      const at = random.below(rest.length + 1);
      return { ...container, sections: [...rest.slice(0, at), chosen, ...rest.slice(at)] };
    }
    case 4:
      return replaced({ ...chosen, id: random.below(14) });
    default:
      return replaced(isNested ? chosen : { ...chosen, content: changeBytes(content, random) });
  }
}

function changeBytes(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length === 0) return bytes;
  // The first bytes are counts and the first definitions; the last ones are the rest of code.
  const at = random.below(3) === 0 ? random.below(Math.min(bytes.length, 8)) : random.below(bytes.length);
  switch (random.below(6)) {
    case 0:
      return spliced(bytes, at, 1, Uint8Array.of(random.below(256)));
    case 1: {
      const [, length] = readLeb(bytes, at);
      return spliced(bytes, at, length, leb(random.pick(oddNumbers)));
    }
    case 2: {
      const [value, length] = readLeb(bytes, at);
      return spliced(bytes, at, length, leb(Math.max(0, value + random.pick([-1, 1, 2]))));
    }
    case 3: {
      const name = nameAfter(bytes, at);
      if (name === undefined) return bytes;
      const text = new TextEncoder().encode(random.pick(oddNames));
      return spliced(bytes, name.at, name.length, Uint8Array.from([...leb(text.length), ...text]));
    }
    case 4:
      return spliced(bytes, at, 1, Uint8Array.of(random.pick([0x3f, 0x40, 0x41, 0x42, 0x60, 0x66, 0x68, 0x69])));
    default:
      return spliced(bytes, at, 1, Uint8Array.of(0x6a + random.below(0x16)));
  }
}

/** The next thing that looks like a name: a length, and so many letters. */
function nameAfter(bytes: Uint8Array, from: number): { readonly at: number; readonly length: number } | undefined {
  for (let at = from; at < bytes.length; at++) {
    const length = bytes[at] ?? 0;
    if (length === 0 || length > 100 || at + length >= bytes.length) continue;
    const text = bytes.subarray(at + 1, at + 1 + length);
    if (text.every((byte) => byte >= 0x2d && byte < 0x7f)) return { at, length: length + 1 };
  }
  return undefined;
}

function spliced(bytes: Uint8Array, at: number, length: number, by: Uint8Array): Uint8Array {
  return joined([bytes.subarray(0, at), by, bytes.subarray(at + length)]);
}

function read(bytes: Uint8Array): Container {
  const sections: Section[] = [];
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at] ?? 0;
    const [size, length] = readLeb(bytes, at + 1);
    const start = at + 1 + length;
    const payload = bytes.subarray(start, start + size);
    const isNested = payload[0] === 0x00 && payload[1] === 0x61 && payload[2] === 0x73 && payload[3] === 0x6d;
    sections.push({ id, content: isNested ? read(payload) : payload });
    at = start + size;
  }
  return { header: bytes.subarray(0, 8), sections };
}

function write({ header, sections }: Container): Uint8Array {
  const parts = sections.flatMap(({ id, content }) => {
    const payload = content instanceof Uint8Array ? content : write(content);
    return [Uint8Array.from([id, ...leb(payload.length)]), payload];
  });
  return joined([header, ...parts]);
}

function readLeb(bytes: Uint8Array, at: number): [value: number, length: number] {
  let value = 0;
  for (let length = 0; length < 5; length++) {
    const byte = bytes[at + length] ?? 0;
    value += (byte & 0x7f) * 128 ** length;
    if (byte < 0x80) return [value, length + 1];
  }
  return [value, 5];
}

function leb(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Uint8Array.from(bytes);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
