const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  msec: 1,
  millis: 1,
  s: 1_000,
  sec: 1_000,
  secs: 1_000,
  second: 1_000,
  seconds: 1_000,
  m: 60_000,
  min: 60_000,
  mins: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
};

/** Reads `90s`, `1m 30s`, `500ms` or bare seconds. Answers in milliseconds, or `undefined` for any other text. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed.length > 64) return undefined;
  if (/^\d+$/.test(trimmed)) return Number(trimmed) * 1_000;
  if (!/^(\d+\s*[a-z]+\s*)+$/.test(trimmed)) return undefined;
  let total = 0;
  for (const [, amount = '', unit = ''] of trimmed.matchAll(/(\d+)\s*([a-z]+)/g)) {
    const factor = unitMs[unit];
    if (factor === undefined) return undefined;
    total += Number(amount) * factor;
  }
  return total;
}
