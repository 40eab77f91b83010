/** Text that is safe to print, and how much of it was left out. */
export interface Printable {
  readonly text: string;
  /** UTF-16 code units. */
  readonly cut: number;
}

/**
 * Everything that ends a line, drives a terminal or turns the direction of writing: C0, DEL, C1, the separators of lines and paragraphs, and the
 * bidirectional controls.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this replaces.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** A guest's text with control characters written out (`\n`, `\u{1b}`), and its first `maxLength` UTF-16 code units at most. */
export function printable(text: string, maxLength: number): Printable {
  const end = text.length > maxLength ? wholeEnd(text, maxLength) : text.length;
  const kept = end < text.length ? text.slice(0, end) : text;
  return { text: kept.replace(unprintable, escapeCharacter), cut: text.length - end };
}

/** No half of a pair is left over. */
function wholeEnd(text: string, end: number): number {
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last <= 0xdbff ? end - 1 : end;
}

function escapeCharacter(character: string): string {
  return shortEscapes.get(character) ?? `\\u{${character.charCodeAt(0).toString(16)}}`;
}
