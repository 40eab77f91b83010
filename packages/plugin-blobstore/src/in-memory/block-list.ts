/** Bytes of one block. */
const blockBytes = 65_536;

/** Copies chunks into blocks, so that an object written byte by byte costs what it holds, and part of a large buffer keeps none of the rest. */
export class BlockList {
  readonly #blocks: Uint8Array[] = [];
  #block = new Uint8Array(0);
  #used = 0;

  append(chunk: Uint8Array): void {
    for (let offset = 0; offset < chunk.length; ) {
      if (this.#used === this.#block.length) {
        this.#block = new Uint8Array(blockBytes);
        this.#blocks.push(this.#block);
        this.#used = 0;
      }
      const part = chunk.subarray(offset, offset + this.#block.length - this.#used);
      this.#block.set(part, this.#used);
      this.#used += part.length;
      offset += part.length;
    }
  }

  /** The blocks; nothing may be added after it. */
  finish(): Uint8Array[] {
    const last = this.#blocks.pop();
    if (last !== undefined) this.#blocks.push(last.slice(0, this.#used));
    return this.#blocks;
  }
}
