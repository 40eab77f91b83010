/** An instruction and the place in a source that it is said to come from. */
export interface LineEntry {
  /** Bytes from the beginning of the code section's payload. */
  readonly address: number;
  readonly line: number;
  readonly column: number;
}

/** One line program in DWARF 4 or 5 for one file, `src/app.rs`. The last entry ends the code that it is about. */
export function debugLine(version: 4 | 5, entries: readonly LineEntry[]): number[] {
  const header = [1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
  const names =
    version === 4
      ? [...text('src'), 0, ...text('app.rs'), 1, 0, 0, 0]
      : [1, 1, 0x08, 2, ...text('/build'), ...text('src'), 2, 1, 0x08, 2, 0x0b, 1, ...text('app.rs'), 1];
  const program: number[] = version === 5 ? [4, 0] : [];
  let line = 1;
  entries.forEach((entry, index) => {
    program.push(0, 5, 2, ...u32(entry.address));
    if (index === entries.length - 1) return;
    program.push(3, ...sleb(entry.line - line), 5, ...uleb(entry.column), 1);
    line = entry.line;
  });
  program.push(0, 1, 1);
  const tail = [...u32(header.length + names.length), ...header, ...names, ...program];
  const unit = [version, 0, ...(version === 5 ? [4, 0] : []), ...tail];
  return [...u32(unit.length), ...unit];
}

/** The same as a source map in the URL that names it, for addresses in bytes of the module. */
export function sourceMapUrl(entries: readonly LineEntry[], payloadStart: number): string {
  let previous = { address: -payloadStart, line: 1, column: 1 };
  const segments = entries.map((entry) => {
    const steps = [entry.address - previous.address, 0, entry.line - previous.line, entry.column - previous.column];
    previous = { ...entry };
    return steps.map(vlq).join('');
  });
  const map = { version: 3, sources: ['assembly/index.ts'], names: [], mappings: segments.join(',') };
  return `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`;
}

/** Where the payload of the code section of the only core module in a component begins, in bytes of the component and of the module. */
export function findCode(component: Uint8Array): { readonly inComponent: number; readonly inModule: number } {
  const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const start = component.findIndex((_, at) => magic.every((byte, index) => component[at + index] === byte));
  let position = start + 8;
  for (;;) {
    const id = component[position++];
    let size = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = component[position++] ?? 0;
      size += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    if (id === 10) return { inComponent: position, inModule: position - start };
    position += size;
  }
}

/** Bytes as a string literal of the text format. */
export function literal(bytes: ArrayLike<number>): string {
  return `"${Array.from(bytes, (byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')}"`;
}

function text(value: string): number[] {
  return [...Buffer.from(value), 0];
}

function u32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff];
}

function uleb(value: number): number[] {
  return value < 128 ? [value] : [(value & 0x7f) | 0x80, ...uleb(value >>> 7)];
}

function sleb(value: number): number[] {
  if (value >= -64 && value < 64) return [value & 0x7f];
  return [(value & 0x7f) | 0x80, ...sleb(value >> 7)];
}

function vlq(value: number): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  let rest = value < 0 ? -value * 2 + 1 : value * 2;
  let result = '';
  do {
    const digit = rest & 31;
    rest >>>= 5;
    result += digits[rest > 0 ? digit | 32 : digit];
  } while (rest > 0);
  return result;
}
