import { toLatin1 } from './field-syntax.js';
import type { Fields } from './fields.js';

/** The `content-length` that a guest has set: bytes, `undefined` for none, `invalid` for what cannot be sent. */
export function contentLengthOf(fields: Fields): number | 'invalid' | undefined {
  const [first, ...others] = fields.get('content-length');
  if (first === undefined) return undefined;
  const text = toLatin1(first);
  if (others.length > 0 || !/^\d{1,15}$/.test(text)) return 'invalid';
  return Number(text);
}
