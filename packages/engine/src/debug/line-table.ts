import { ByteCursor } from './byte-cursor.js';
import { Rows, type Sequence } from './line-rows.js';

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

/** Directories and files of all programs at most. */
const maxNames = 100_000;
/** Bytes of a name that are looked at. */
const maxNameLength = 4096;

/** Which source line the instructions of a core module come from, after the line programs of DWARF. */
export class LineTable {
  readonly #rows: Rows;
  readonly #sequences: readonly Sequence[];
  readonly #files: readonly FileName[];
  readonly #strings: Uint8Array | undefined;

  /** @throws RangeError where the sections are malformed. */
  constructor(sections: LineSections) {
    const { rows, sequences, files } = new TableBuilder(sections);
    this.#rows = rows;
    this.#sequences = sequences;
    this.#files = files;
    this.#strings = sections.lineStrings;
  }

  /** The line of the instruction at `address`, in bytes from the beginning of the code section's payload. */
  find(address: number): SourceLocation | undefined {
    const sequence = this.#sequences.find(({ low, high }) => address >= low && address < high);
    if (sequence === undefined) return undefined;
    const rows = this.#rows;
    const row = rows.lastAtMost(address, sequence);
    const line = rows.line(row);
    if (line === 0) return undefined;
    const file = this.#files[rows.file(row)];
    return { file: file === undefined ? '?' : this.#pathOf(file), line, column: rows.column(row) };
  }

  #pathOf(file: FileName): string {
    const [directory, name] = [this.#text(file.directory), this.#text(file.name)];
    return directory === '' || name.startsWith('/') ? name : `${directory}/${name}`;
  }

  #text(name: Name): string {
    if (typeof name === 'string') return name;
    const bytes = this.#strings?.subarray(name, name + maxNameLength);
    return bytes?.includes(0) === true ? new ByteCursor(bytes).string() : '?';
  }
}

/** In place, or an offset in the section of names, which is read when an error needs it: names may share bytes without bound. */
type Name = string | number;

interface FileName {
  readonly directory: Name;
  readonly name: Name;
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
  #nameCount = 0;

  constructor({ line }: LineSections) {
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
    for (let name = this.#name(header); name !== ''; name = this.#name(header)) directories.push(name);
    for (let name = this.#name(header); name !== ''; name = this.#name(header)) {
      this.files.push({ directory: directories[header.uleb()] ?? '', name });
      header.uleb();
      header.uleb();
    }
  }

  #name(header: ByteCursor): string {
    this.#countName();
    return header.string();
  }

  #countName(): void {
    if (++this.#nameCount > maxNames) throw new RangeError('a line table of too many names');
  }

  /** Directories and files as version 5 tells them: entries in a format that it tells first. */
  #tables(header: ByteCursor, isWide: boolean): void {
    const directories = this.#entries(header, isWide).map(({ path }) => path);
    for (const { path, directory } of this.#entries(header, isWide))
      this.files.push({ directory: directories[directory] ?? '', name: path });
  }

  #entries(header: ByteCursor, isWide: boolean): { path: Name; directory: number }[] {
    const format = Array.from({ length: header.u8() }, () => ({ content: header.uleb(), form: header.uleb() }));
    const count = header.uleb();
    if (count > header.remaining) throw new RangeError('more names than bytes');
    return Array.from({ length: count }, () => {
      this.#countName();
      let path: Name = '?';
      let directory = 0;
      for (const { content, form } of format) {
        const value = this.#form(header, form, isWide);
        if (content === 1) path = value ?? path;
        if (content === 2 && typeof value === 'number') directory = value;
      }
      return { path, directory };
    });
  }

  #form(cursor: ByteCursor, form: number, isWide: boolean): string | number | undefined {
    switch (form) {
      case 0x08:
        return cursor.string();
      case 0x1f:
        return cursor.offset(isWide);
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
          else if (kind === 2) address = extended.unsigned(Math.min(extended.remaining, 8));
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
