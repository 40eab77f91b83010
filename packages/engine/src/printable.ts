/** What a terminal obeys, what ends a line, and what makes text read otherwise than it is. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Text of a guest for a message, in one line; of a long one, the first 200 characters. */
export function printable(text: string): string {
  return text.slice(0, 200).replace(unprintable, '\ufffd');
}

/** A name of a guest for a message, in quotes and escaped; of a long one, the first 100 characters. */
export function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 100)).replace(unprintable, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
