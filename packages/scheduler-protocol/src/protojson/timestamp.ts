import { describe, type FieldType, messageError } from './field-type.js';

const pattern = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const first = Date.parse('0001-01-01T00:00:00Z');
const last = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * `google.protobuf.Timestamp`, as RFC 3339 text in UTC with 0, 3, 6 or 9 digits after the second: `2026-01-02T03:04:05.678Z`. Read in any
 * offset. Text, since a `Date` would lose what is smaller than a millisecond.
 */
export const timestamp: FieldType<string> = {
  absent: () => undefined,
  read: (value, path) => normalize(value, path),
  write: (value, path) => normalize(value, path),
};

function normalize(value: unknown, path: string): string {
  const parts = typeof value === 'string' && value.length <= 64 ? pattern.exec(value) : null;
  if (parts === null) {
    throw messageError(path, `must be an RFC 3339 time such as 2026-01-02T03:04:05Z, not ${describe(value)}`);
  }
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHour = '0', offsetMinute = '0'] = parts;
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  const local = Date.parse(text);
  // `Date` lets the 30th of February be the 2nd of March; what was given must come out again.
  const isReal = !Number.isNaN(local) && new Date(local).toISOString().startsWith(text.slice(0, -1));
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
  const time = local - (sign === '-' ? -offset : offset);
  if (!isReal || Number(offsetHour) > 23 || Number(offsetMinute) > 59 || time < first || time > last) {
    throw messageError(path, `must be a time of the years 1 to 9999, not ${describe(value)}`);
  }
  const digits = fraction.padEnd(9, '0').replace(/(?:000)+$/, '');
  return `${new Date(time).toISOString().slice(0, 19)}${digits === '' ? '' : `.${digits}`}Z`;
}
