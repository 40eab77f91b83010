/** Text of somebody else's in one line that a terminal does not obey. */
export function printable(text: string, maxLength = 200): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this replaces.
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}
