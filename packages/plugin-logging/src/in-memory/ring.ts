import type { LogRecord } from '../log-record.js';

/** The newest records, within a number and a length. */
export class Ring {
  readonly #maxRecords: number;
  readonly #maxLength: number;
  #records: LogRecord[] = [];
  #first = 0;
  #length = 0;

  constructor(maxRecords: number, maxLength: number) {
    this.#maxRecords = maxRecords;
    this.#maxLength = maxLength;
  }

  push(record: LogRecord): void {
    this.#records.push(record);
    this.#length += lengthOf(record);
    while (this.#records.length - this.#first > this.#maxRecords || this.#length > this.#maxLength) this.#shift();
    // Moved together now and then, not at every record.
    if (this.#first > 1_024 && this.#first * 2 > this.#records.length) {
      this.#records = this.#records.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Oldest first. */
  records(): LogRecord[] {
    return this.#records.slice(this.#first);
  }

  clear(): void {
    this.#records = [];
    this.#first = 0;
    this.#length = 0;
  }

  #shift(): void {
    const oldest = this.#records[this.#first];
    if (oldest === undefined) return;
    this.#length -= lengthOf(oldest);
    this.#first += 1;
  }
}

function lengthOf({ context, message }: LogRecord): number {
  return context.length + message.length;
}
