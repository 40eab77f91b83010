import { messageError } from './field-type.js';
import type { MessageInit, MessageType } from './message-type.js';
import { parseText } from './parse-text.js';

/** Options of {@link decodeMessage}. */
export interface DecodeOptions {
  /** A message of more bytes is refused unread. @default 1_048_576 */
  readonly maxBytes?: number;
}

/** The default of {@link DecodeOptions.maxBytes}. */
export const defaultMaxBytes = 1_048_576;

/**
 * A message as bytes of JSON, strict: lowerCamelCase names, 64-bit numbers as text, names of enums, nothing that is a default, nothing
 * that is no field.
 *
 * @throws HostError `ERR_MESSAGE_INVALID` with the `path` of the offending field in its details
 */
export function encodeMessage<T>(type: MessageType<T>, message: MessageInit<NoInfer<T>>): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(type.write(message, '')));
}

/**
 * Reads a message leniently: names in both spellings, numbers as numbers or text, enums by name or number, `null` for what is absent; unknown fields
 * are ignored. Every field of the answer has a value, its default where none was given. Lists and maps have at most 10,000 entries.
 *
 * @throws HostError `ERR_MESSAGE_INVALID` with the `path` of the offending field in its details
 */
export function decodeMessage<T>(type: MessageType<T>, data: Uint8Array | string, options: DecodeOptions = {}): T {
  return type.read(parseJson(data, options), '');
}

/**
 * JSON, with whole numbers beyond 2^53 as `bigint`.
 *
 * @throws HostError `ERR_MESSAGE_INVALID`
 */
export function parseJson(data: Uint8Array | string, options: DecodeOptions = {}): unknown {
  const { maxBytes = defaultMaxBytes } = options;
  // Text has at least as many bytes as characters, which is all that a bound needs.
  const size = data.length;
  if (size > maxBytes) throw messageError('', `has ${size} bytes; at most ${maxBytes} are read`);
  if (size === 0) throw messageError('', 'is empty; a JSON object is expected');
  let text: string;
  try {
    text = typeof data === 'string' ? data : new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch {
    throw messageError('', 'is not UTF-8');
  }
  try {
    return parseText(text);
  } catch (error) {
    // The parser's own words quote the text, which may hold credentials.
    const problem = error instanceof RangeError ? 'has too many levels, or too many keys with escapes' : 'is not JSON';
    throw messageError('', problem);
  }
}
