const headEnd = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('\r\n0\r\n\r\n');

/** Finds where HTTP/1.1 answers end: by `content-length`, or by the last chunk. Bodies are those of the benchmark, a few bytes of text. */
export class ResponseReader {
  #bytes: Buffer = Buffer.alloc(0);

  /**
   * Takes what has arrived. Answers with the status when that ends an answer.
   *
   * @throws Error for an answer that it cannot find the end of
   */
  push(bytes: Buffer): number | undefined {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    const headLength = this.#bytes.indexOf(headEnd);
    if (headLength < 0) return undefined;
    const head = this.#bytes.toString('latin1', 0, headLength);
    const end = this.#endOfBody(head, headLength + headEnd.length);
    if (end === undefined || end > this.#bytes.length) return undefined;
    this.#bytes = this.#bytes.subarray(end);
    return Number(head.slice(9, 12));
  }

  #endOfBody(head: string, bodyStart: number): number | undefined {
    const length = /^content-length: *(\d+)/im.exec(head)?.[1];
    if (length !== undefined) return bodyStart + Number(length);
    if (!/^transfer-encoding: *chunked/im.test(head)) throw new Error('an answer without a length and without chunks');
    // An empty body begins with the last chunk, whose line break is that of the head.
    const at = this.#bytes.indexOf(lastChunk, bodyStart - 2);
    return at < 0 ? undefined : at + lastChunk.length;
  }
}
