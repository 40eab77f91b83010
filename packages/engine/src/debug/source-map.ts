import type { SourceLocation } from './line-table.js';

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const digitValues: ReadonlyMap<string, number> = new Map([...digits].map((digit, value) => [digit, value]));
const inlinePrefix = /^data:application\/json(?:;charset=utf-8)?;base64,/i;

/** Which source line the bytes of a core module come from, after a source map: its columns are bytes of the module, its only line is the first. */
export class SourceMap {
  readonly #segments: readonly Segment[];
  readonly #sources: readonly string[];

  /** @throws Error where the map is malformed. */
  constructor(json: string) {
    const map: unknown = JSON.parse(json);
    const { mappings, sources, sourceRoot } = typeof map === 'object' && map !== null ? (map as MapFile) : {};
    if (typeof mappings !== 'string' || !Array.isArray(sources)) throw new RangeError('not a source map');
    const root = typeof sourceRoot === 'string' ? sourceRoot : '';
    this.#sources = sources.map((source) => (typeof source === 'string' ? `${root}${source}` : '?'));
    this.#segments = segmentsOf(mappings);
  }

  /** The line of the byte at `offset` of the module. */
  find(offset: number): SourceLocation | undefined {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#segments[middle]?.offset ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const segment = this.#segments[low - 1];
    if (segment === undefined || segment.line < 0) return undefined;
    const { line, column, source } = segment;
    return { file: this.#sources[source] ?? '?', line: line + 1, column: Math.max(column + 1, 0) };
  }
}

/** The text of a map that a `sourceMappingURL` carries inline; undefined where it is elsewhere: the engine fetches nothing. */
export function inlineSourceMap(url: string): string | undefined {
  const prefix = inlinePrefix.exec(url)?.[0];
  return prefix === undefined ? undefined : Buffer.from(url.slice(prefix.length), 'base64').toString('utf8');
}

/** The members of a source map that are read, none of them to be trusted. */
interface MapFile {
  readonly mappings?: unknown;
  readonly sources?: unknown;
  readonly sourceRoot?: unknown;
}

interface Segment {
  readonly offset: number;
  /** -1 where the bytes come from no source. */
  readonly line: number;
  readonly column: number;
  readonly source: number;
}

/** The first generated line, ascending: each segment tells its steps from the one before, as numbers of 5 bits a digit, their sign in the lowest bit. */
function segmentsOf(mappings: string): Segment[] {
  const end = mappings.indexOf(';');
  const segments: Segment[] = [];
  const place = new Float64Array(4);
  let field = 0;
  let value = 0;
  let scale = 1;
  for (const digit of `${end < 0 ? mappings : mappings.slice(0, end)},`) {
    if (digit === ',') {
      const [offset = 0, source = 0, line = 0, column = 0] = place;
      if (field > 0) segments.push({ offset, line: field > 1 ? line : -1, column, source });
      field = 0;
      continue;
    }
    const bits = digitValues.get(digit);
    if (bits === undefined || scale > 2 ** 32)
      throw new RangeError('a source map with an unknown digit or a huge number');
    value += (bits & 31) * scale;
    scale *= 32;
    if ((bits & 32) !== 0) continue;
    const magnitude = Math.floor(value / 2);
    if (field < place.length) place[field] = (place[field] ?? 0) + (value % 2 === 1 ? -magnitude : magnitude);
    field++;
    value = 0;
    scale = 1;
  }
  return segments;
}
