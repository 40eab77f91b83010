/**
 * `JSON.parse`, with two differences: whole numbers beyond 2^53 are `bigint`, and keys are what is written.
 *
 * The latter is not a matter of course. V8 14 (Node.js 26) guesses the next key from objects that it has parsed before, and is wrong where that one has a backslash and the new one
 * an escape: after `{"a":1,"\\":1}`, it reads the second key of `{"a":1,"\"":1}` as a backslash. So what one sender writes would change what is read from another one.
 *
 * @throws SyntaxError; RangeError for more levels than the parser takes, or more than 10,000 keys with escapes
 */
export function parseText(text: string): unknown {
  const { plain, keys } = text.includes('\\') ? replaceKeys(text) : { plain: text, keys: [] };
  if (keys.length > 0) {
    return parse(plain, (key, value, context) => restoreKeys(keepWholeNumbers(key, value, context), keys));
  }
  return hasLongNumber.test(plain) ? parse(plain, keepWholeNumbers) : JSON.parse(plain);
}

type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown;

/** The types of the language do not know the third argument yet. */
function parse(text: string, reviver: Reviver): unknown {
  return JSON.parse(text, reviver);
}

/** Only such a text is worth the slower way to parse. */
const hasLongNumber = /\d{16}/;

/** Beyond 2^53 the number that was parsed is not the one that was written, so its source counts. */
const keepWholeNumbers: Reviver = (_key, value, context) => {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return /^-?\d{1,20}$/.test(source) ? BigInt(source) : value;
};

/** Each costs more than a plain one does. */
const maxReplacedKeys = 10_000;
/** What stands in for a key begins with it. */
const mark = '\ue000';

/** Puts numbered keys without escapes in the place of those that have some. Looks at each character a few times, also of a text that is no JSON. */
function replaceKeys(text: string): { readonly plain: string; readonly keys: readonly string[] } {
  const pattern = /"[^"\\]*(?:\\.[^"\\]*)*"/sy;
  const keys: string[] = [];
  let plain = '';
  let copied = 0;
  let end = 0;
  for (let start = text.indexOf('"'); start >= 0; start = text.indexOf('"', end)) {
    pattern.lastIndex = start;
    const [token] = pattern.exec(text) ?? [];
    // A string without an end: not JSON, as whoever parses it will say.
    if (token === undefined) break;
    end = start + token.length;
    if ((token.includes('\\') || token[1] === mark) && isKey(text, end)) {
      if (keys.length === maxReplacedKeys) throw new RangeError('there are too many keys with escapes');
      plain += `${text.slice(copied, start)}"${mark}${keys.push(JSON.parse(token)) - 1}"`;
      copied = end;
    }
  }
  return { plain: plain + text.slice(copied), keys };
}

function isKey(text: string, end: number): boolean {
  let at = end;
  while (/[ \t\r\n]/.test(text.charAt(at))) at += 1;
  return text[at] === ':';
}

function restoreKeys(value: unknown, keys: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  if (!entries.some(([key]) => key.startsWith(mark))) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, member] of entries) {
    const restored = key.startsWith(mark) ? keys[Number(key.slice(1))] : key;
    if (restored !== undefined) copy[restored] = member;
  }
  return copy;
}
