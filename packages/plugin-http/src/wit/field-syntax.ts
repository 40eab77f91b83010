/** Entries that one `fields` holds at most. Beyond, the guest traps: it is no HTTP message any more. */
export const maxFieldEntries = 4_096;
/** Bytes that the names and values of one `fields` hold at most. */
export const maxFieldBytes = 1_048_576;

const namePattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Fields that belong to one connection, or that the host writes itself: a guest neither sees nor sets them.
 */
const forbiddenNames: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** Fields that frame or route a message and so have no place after it (RFC 9110, 6.5.1). */
const forbiddenTrailers: ReadonlySet<string> = new Set([
  ...forbiddenNames,
  'authorization',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'set-cookie',
  'te',
  'trailer',
]);

/** Whether `name` is a token of RFC 9110. */
export function isFieldName(name: string): boolean {
  return namePattern.test(name);
}

/** Whether a guest must not set or see the field. `name` is in lower case. */
export function isForbiddenName(name: string): boolean {
  return forbiddenNames.has(name);
}

/** Whether the field must not be a trailer. `name` is in lower case. */
export function isForbiddenTrailer(name: string): boolean {
  return forbiddenTrailers.has(name);
}

/** Whether `value` can be sent: no control characters but the tab. */
export function isFieldValue(value: Uint8Array): boolean {
  for (let index = 0; index < value.length; index++) {
    const byte = value[index];
    if (byte === undefined || (byte < 0x20 && byte !== 0x09) || byte === 0x7f) return false;
  }
  return true;
}

/** Bytes as characters of the same number, the way HTTP/1.1 libraries spell header values. */
export function toLatin1(bytes: Uint8Array): string {
  if (bytes.length <= 4_096) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  let text = '';
  for (let start = 0; start < bytes.length; start += 4_096) {
    text += String.fromCharCode.apply(null, bytes.subarray(start, start + 4_096) as unknown as number[]);
  }
  return text;
}

/** The reverse of {@link toLatin1}. */
export function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}
