/**
 * Quantile of a sample by linear interpolation between the ordered values (type 7 of Hyndman and Fan, the
 * default of R and NumPy). NaN values are left out.
 *
 * @param share In [0, 1]: 0.5 is the median.
 * @returns NaN where no value is left.
 * @throws RangeError if the share is not in [0, 1].
 */
export function quantile(values: ArrayLike<number>, share: number): number {
  return quantileOfSorted(sortedNumbers(values), share);
}

/** The values in rising order, NaN left out. */
export function sortedNumbers(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
}

/** As `quantile`, of values that are already in rising order. */
export function quantileOfSorted(sorted: ArrayLike<number>, share: number): number {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`share ${share} is not in [0, 1]`);
  if (sorted.length === 0) return Number.NaN;
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (at - below) * (high - low);
}
