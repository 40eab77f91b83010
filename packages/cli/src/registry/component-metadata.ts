/** The custom sections in which tools leave what they know of a component, and the annotations that say the same of an image. */
const annotationsBySection: Readonly<Record<string, string>> = {
  description: 'org.opencontainers.image.description',
  authors: 'org.opencontainers.image.authors',
  source: 'org.opencontainers.image.source',
  homepage: 'org.opencontainers.image.url',
  version: 'org.opencontainers.image.version',
  revision: 'org.opencontainers.image.revision',
  licenses: 'org.opencontainers.image.licenses',
};
const title = 'org.opencontainers.image.title';

/** Bytes that one value may have; a longer one is left out. */
const maxValueBytes = 4_096;

/**
 * What a component says of itself, as annotations of an image. Looks at the sections of the component itself, not at those of what is inside. Bytes that are damaged
 * give what stands before the damage.
 */
export function componentAnnotations(bytes: Uint8Array): Readonly<Record<string, string>> {
  const annotations: Record<string, string> = {};
  const sections = new Reader(bytes, 8);
  while (!sections.isAtEnd) {
    const id = sections.byte();
    const payload = sections.part();
    if (payload === undefined) break;
    if (id !== 0) continue;
    const section = new Reader(payload);
    const name = section.text();
    if (name === 'component-name') addName(section, annotations);
    const annotation =
      name !== undefined && Object.hasOwn(annotationsBySection, name) ? annotationsBySection[name] : undefined;
    const value = annotation === undefined ? undefined : decode(section.rest());
    if (annotation !== undefined && value !== undefined && value !== '') annotations[annotation] = value;
  }
  return annotations;
}

/** The name stands in the first kind of subsection. */
function addName(section: Reader, annotations: Record<string, string>): void {
  while (!section.isAtEnd) {
    const id = section.byte();
    const part = section.part();
    if (part === undefined) return;
    const name = id === 0 ? new Reader(part).text() : undefined;
    if (name !== undefined && name !== '') annotations[title] = name;
  }
}

function decode(bytes: Uint8Array): string | undefined {
  if (bytes.byteLength > maxValueBytes) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Reads the few forms that sections are made of; `undefined` where the bytes end too early. */
class Reader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.byteLength;
  }

  byte(): number | undefined {
    return this.#bytes[this.#at++];
  }

  /** A length and as many bytes. */
  part(): Uint8Array | undefined {
    const length = this.#length();
    if (length === undefined || length > this.#bytes.byteLength - this.#at) return undefined;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string | undefined {
    const part = this.part();
    return part === undefined ? undefined : decode(part);
  }

  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }

  #length(): number | undefined {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      if (byte === undefined) return undefined;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return undefined;
  }
}
