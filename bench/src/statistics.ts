/**
 * The middle of `values`: half of them are not above it.
 *
 * @throws RangeError for no values
 */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/**
 * The value that `percent` of `values` are not above, between two neighbours where it falls between them.
 *
 * @throws RangeError for no values
 */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) throw new RangeError('there is no percentile of no values');
  return below + (above - below) * (at - Math.floor(at));
}

/** The median of `values[i] / yardstick[i]`: what was measured in one round shares the speed the machine then had. */
export function medianRatio(values: readonly number[], yardstick: readonly number[]): number | undefined {
  const ratios = values.flatMap((value, round) => {
    const other = yardstick[round];
    return other === undefined || other === 0 ? [] : [value / other];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}
