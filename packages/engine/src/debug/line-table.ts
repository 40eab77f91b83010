import { ByteCursor } from './byte-cursor.js';

/** A place in the source of a guest. What it says is the guest's own claim. */
export interface SourceLocation {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1; 0 where the compiler did not say. */
  readonly column: number;
}

/** The DWARF sections that a line table is read from, 2 to 5, as `.debug_line` and `.debug_line_str` of a core module. */
export interface LineSections {
  readonly line: Uint8Array;
  readonly lineStrings: Uint8Array | undefined;
}

/** Rows of all sequences at most; each takes 16 bytes. */
const maxRows = 500_000;

/** Which source line the instructions of a core module come from, after the line programs of DWARF. */
export class LineTable {
  readonly #rows: Rows;
  /** By address, ascending. */
  readonly #sequences: readonly Sequence[];
  readonly #files: readonly FileName[];

  /** @throws RangeError where the sections are malformed. */
  constructor(sections: LineSections) {
    const { rows, sequences, files } = new TableBuilder(sections);
    this.#rows = rows;
    this.#sequences = sequences.sort((a, b) => a.low - b.low);
    this.#files = files;
  }

  /** The line of the instruction at `address`, in bytes from the beginning of the code section's payload. */
  find(address: number): SourceLocation | undefined {
    const sequences = this.#sequences;
    const sequence = sequences[lastAtMost(address, 0, sequences.length, (index) => sequences[index]?.low ?? 0)];
    if (sequence === undefined || address >= sequence.high) return undefined;
    const rows = this.#rows;
    const row = lastAtMost(address, sequence.first, sequence.end, (index) => rows.address(index));
    const line = rows.line(row);
    if (line === 0) return undefined;
    const file = this.#files[rows.file(row)];
    return { file: file === undefined ? '?' : pathOf(file), line, column: rows.column(row) };
  }
}

/** The last index of `first` to `end` whose value is at most `target`; one less than `first` where none is. */
function lastAtMost(target: number, first: number, end: number, valueAt: (index: number) => number): number {
  let low = first;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (valueAt(middle) <= target) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Rows that belong to one stretch of code. */
interface Sequence {
  /** Its first address, and the first one after it. */
  readonly low: number;
  readonly high: number;
  /** Its first row, and the first one after it. */
  readonly first: number;
  readonly end: number;
}

/** Rows of a line table, without an object each. */
class Rows {
  count = 0;
  #fields = new Uint32Array(1024);

  add(address: number, file: number, line: number, column: number): void {
    if (this.count === maxRows) throw new RangeError('a line table of too many rows');
    const at = this.count++ * 4;
    if (at === this.#fields.length) {
      const larger = new Uint32Array(at * 2);
      larger.set(this.#fields);
      this.#fields = larger;
    }
    this.#fields[at] = address;
    this.#fields[at + 1] = file;
    this.#fields[at + 2] = line;
    this.#fields[at + 3] = column;
  }

  address(row: number): number {
    return this.#fields[row * 4] ?? 0;
  }

  /** Index into the files of the whole table. */
  file(row: number): number {
    return this.#fields[row * 4 + 1] ?? 0;
  }

  line(row: number): number {
    return this.#fields[row * 4 + 2] ?? 0;
  }

  column(row: number): number {
    return this.#fields[row * 4 + 3] ?? 0;
  }
}

interface FileName {
  readonly directory: string;
  readonly name: string;
}

function pathOf({ directory, name }: FileName): string {
  return directory === '' || name.startsWith('/') ? name : `${directory}/${name}`;
}

/** What the header of one line program tells. */
interface ProgramHeader {
  readonly minimumLength: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly operandCounts: readonly number[];
  /** Where its files begin among those of all programs, less the index of its first one. */
  readonly fileBase: number;
}

class TableBuilder {
  readonly rows: Rows = new Rows();
  readonly sequences: Sequence[] = [];
  readonly files: FileName[] = [];
  readonly #strings: Uint8Array | undefined;

  constructor({ line, lineStrings }: LineSections) {
    this.#strings = lineStrings;
    const cursor = new ByteCursor(line);
    while (!cursor.isAtEnd) {
      const { length, isWide } = cursor.initialLength();
      this.#program(cursor.slice(length), isWide);
    }
  }

  #program(unit: ByteCursor, isWide: boolean): void {
    const version = unit.u16();
    if (version < 2 || version > 5) return;
    if (version === 5) unit.skip(2);
    const headerLength = unit.offset(isWide);
    const header = unit.slice(headerLength);
    const minimumLength = header.u8();
    if (version >= 4) header.skip(1);
    header.skip(1);
    const lineBase = header.i8();
    const lineRange = header.u8();
    const opcodeBase = header.u8();
    if (lineRange === 0 || opcodeBase === 0) throw new RangeError('a line program without a range of lines');
    const operandCounts = Array.from({ length: opcodeBase - 1 }, () => header.u8());
    const first = this.files.length;
    if (version === 5) this.#tables(header, isWide);
    else this.#lists(header);
    const fileBase = version === 5 ? first : first - 1;
    this.#run(unit, { minimumLength, lineBase, lineRange, opcodeBase, operandCounts, fileBase });
  }

  /** Directories and files as versions 2 to 4 list them. */
  #lists(header: ByteCursor): void {
    const directories = [''];
    for (let name = header.string(); name !== ''; name = header.string()) directories.push(name);
    for (let name = header.string(); name !== ''; name = header.string()) {
      this.files.push({ directory: directories[header.uleb()] ?? '', name });
      header.uleb();
      header.uleb();
    }
  }

  /** Directories and files as version 5 tells them: entries in a format that it tells first. */
  #tables(header: ByteCursor, isWide: boolean): void {
    const directories = this.#entries(header, isWide).map(({ path }) => path);
    for (const { path, directory } of this.#entries(header, isWide))
      this.files.push({ directory: directories[directory] ?? '', name: path });
  }

  #entries(header: ByteCursor, isWide: boolean): { path: string; directory: number }[] {
    const format = Array.from({ length: header.u8() }, () => ({ content: header.uleb(), form: header.uleb() }));
    const count = header.uleb();
    if (count > header.remaining) throw new RangeError('more names than bytes');
    return Array.from({ length: count }, () => {
      let path = '?';
      let directory = 0;
      for (const { content, form } of format) {
        const value = this.#form(header, form, isWide);
        if (content === 1 && typeof value === 'string') path = value;
        if (content === 2 && typeof value === 'number') directory = value;
      }
      return { path, directory };
    });
  }

  #form(cursor: ByteCursor, form: number, isWide: boolean): string | number | undefined {
    switch (form) {
      case 0x08:
        return cursor.string();
      case 0x1f: {
        const at = cursor.offset(isWide);
        return this.#strings === undefined ? undefined : new ByteCursor(this.#strings, at).string();
      }
      case 0x0b:
        return cursor.u8();
      case 0x05:
        return cursor.u16();
      case 0x06:
        return cursor.u32();
      case 0x0f:
        return cursor.uleb();
      case 0x0e:
        cursor.offset(isWide);
        return undefined;
      case 0x07:
        return void cursor.skip(8);
      case 0x1e:
        return void cursor.skip(16);
      case 0x09:
        return void cursor.skip(cursor.uleb());
      default:
        throw new RangeError('a name in an unknown form');
    }
  }

  /** Runs one line program. Each instruction takes a byte at least, so it ends with its bytes. */
  #run(program: ByteCursor, header: ProgramHeader): void {
    const { minimumLength, lineBase, lineRange, opcodeBase, operandCounts, fileBase } = header;
    const { rows } = this;
    let first = rows.count;
    let address = 0;
    let file = 1;
    let line = 1;
    let column = 0;
    const endSequence = (): void => {
      const low = rows.address(first);
      // A linker leaves sequences of functions that it dropped at address 0, where no function can be, or at the very end.
      if (rows.count > first && low > 0) this.sequences.push({ low, high: address, first, end: rows.count });
      else rows.count = first;
      first = rows.count;
      address = 0;
      file = 1;
      line = 1;
      column = 0;
    };
    while (!program.isAtEnd) {
      const opcode = program.u8();
      if (opcode >= opcodeBase) {
        const step = opcode - opcodeBase;
        address += Math.floor(step / lineRange) * minimumLength;
        line += lineBase + (step % lineRange);
        rows.add(address, fileBase + file, line, column);
        continue;
      }
      switch (opcode) {
        case 0: {
          const length = program.uleb();
          const extended = program.slice(length);
          const kind = extended.u8();
          if (kind === 1) endSequence();
          else if (kind === 2) address = extended.unsigned(extended.remaining);
          break;
        }
        case 1:
          rows.add(address, fileBase + file, line, column);
          break;
        case 2:
          address += program.uleb() * minimumLength;
          break;
        case 3:
          line += program.sleb();
          break;
        case 4:
          file = program.uleb();
          break;
        case 5:
          column = program.uleb();
          break;
        case 8:
          address += Math.floor((255 - opcodeBase) / lineRange) * minimumLength;
          break;
        case 9:
          address += program.u16();
          break;
        default:
          for (let count = operandCounts[opcode - 1] ?? 0; count > 0; count--) program.uleb();
      }
    }
  }
}
