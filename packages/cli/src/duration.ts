import { UsageError } from './usage-error.js';

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  sec: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

/** Reads `30s`, `500ms`, `1m30s` or `1h` as milliseconds; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.trim().matchAll(/(\d{1,9})\s*([a-z]+)\s*/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text.trim()) return undefined;
  let total = 0;
  for (const [, count, unit = ''] of parts) {
    const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
    if (factor === undefined) return undefined;
    total += Number(count) * factor;
  }
  return total;
}

/** As {@link parseDuration}, for an option of the command line. Bounds are milliseconds. */
export function readDuration(
  option: string,
  text: string | undefined,
  { min, max, fallback }: { readonly min: number; readonly max: number; readonly fallback: number },
): number {
  if (text === undefined) return fallback;
  const value = parseDuration(text);
  if (value !== undefined && value >= min && value <= max) return value;
  throw new UsageError(
    `${option} is a time from ${formatDuration(min)} to ${formatDuration(max)}, such as 30s, not "${text}".`,
  );
}

function formatDuration(milliseconds: number): string {
  if (milliseconds % 3_600_000 === 0 && milliseconds > 0) return `${milliseconds / 3_600_000}h`;
  if (milliseconds % 1_000 === 0) return `${milliseconds / 1_000}s`;
  return `${milliseconds}ms`;
}
