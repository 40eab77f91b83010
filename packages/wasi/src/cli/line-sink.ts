import type { ByteSink } from '../io/byte-sink.js';

/** Characters of one line; a longer one goes on in the next. */
const maxLineLength = 8_192;

/** Bytes that one write may bring. */
const maxWriteBytes = 65_536;

/** What could end a line, move a cursor or turn text around: everything a log must not take from a guest. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/gu;

/**
 * Takes text and passes it on line by line, without line ends. A line is at most 8,192 characters; control characters but the tab, and those
 * that change the direction of text, come as `\u{…}`. What is not UTF-8 becomes U+FFFD. The rest of an unfinished line comes when the sink is closed.
 */
export function lineSink(onLine: (line: string) => void): ByteSink {
  const decoder = new TextDecoder();
  let rest = '';

  function emit(line: string): void {
    for (let start = 0; start < line.length || start === 0; start += maxLineLength) {
      onLine(toPrintable(line.slice(start, start + maxLineLength)));
    }
  }

  function take(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      const line = rest + text.slice(start, end);
      rest = '';
      emit(line.endsWith('\r') ? line.slice(0, -1) : line);
      start = end + 1;
    }
    rest += text.slice(start);
    while (rest.length >= maxLineLength) {
      onLine(toPrintable(rest.slice(0, maxLineLength)));
      rest = rest.slice(maxLineLength);
    }
  }

  return {
    capacity: () => maxWriteBytes,
    write(bytes) {
      take(decoder.decode(bytes, { stream: true }));
    },
    flush: () => undefined,
    ready: () => undefined,
    close() {
      take(decoder.decode());
      if (rest !== '') emit(rest);
      rest = '';
    },
  };
}

function toPrintable(line: string): string {
  return line.replace(unprintable, (char) => {
    return char === '\t' ? char : `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
