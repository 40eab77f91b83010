/** The one of `candidates` that `key` is most likely meant to be, if it is near enough to be a slip. */
export function nearestKey(key: string, candidates: readonly string[]): string | undefined {
  if (key.length > 64) return undefined;
  const wanted = normalize(key);
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, normalize(candidate));
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** `pool_size` and `pool-size` are no misspellings of `poolSize`, only other customs. */
function normalize(key: string): string {
  return key.replaceAll(/[-_\s]/g, '').toLowerCase();
}

/** Levenshtein's distance: how many letters to insert, remove or replace. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const replace = at(previous, column - 1) + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(replace, at(previous, column) + 1, at(current, column - 1) + 1));
    }
    previous = current;
  }
  return at(previous, right.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
