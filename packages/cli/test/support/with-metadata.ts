/** A component with custom sections behind its own, as tools leave them. */
export function withMetadata(component: Uint8Array, { name, ...texts }: Readonly<Record<string, string>>): Uint8Array {
  const sections = Object.entries(texts).map(([key, text]) => customSection(key, Buffer.from(text)));
  if (name !== undefined)
    sections.push(customSection('component-name', sized(Uint8Array.of(0), sized(Buffer.from(name)))));
  return Buffer.concat([component, ...sections]);
}

function customSection(name: string, payload: Uint8Array): Buffer {
  const contents = Buffer.concat([sized(Buffer.from(name)), payload]);
  return Buffer.concat([Uint8Array.of(0), sized(contents)]);
}

/** `bytes` behind their length, and that behind `before`. */
function sized(...parts: readonly Uint8Array[]): Buffer {
  const bytes = parts.at(-1) ?? new Uint8Array();
  const length: number[] = [];
  let left = bytes.byteLength;
  do {
    length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    left >>= 7;
  } while (left > 0);
  return Buffer.concat([...parts.slice(0, -1), Uint8Array.from(length), bytes]);
}
