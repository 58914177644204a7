/**
 * Holm's correction of p-values for the number of tests: the smallest times m, the next times m - 1, and so on,
 * none below the one before, none above 1. A difference counts where the result is below the level that one
 * test would have.
 *
 * @param pValues In any order; NaN stands for a test that could not be made and does not count.
 * @returns Corrected p-values in the same order.
 * @see Holm 1979, Scand. J. Statist. 6(2).
 */
export function holm(pValues: ArrayLike<number>): Float64Array {
  const made = Array.from({ length: pValues.length }, (_, i) => i)
    .filter((i) => !Number.isNaN(pValues[i]))
    .sort((a, b) => (pValues[a] as number) - (pValues[b] as number));
  const corrected = new Float64Array(pValues.length).fill(Number.NaN);
  let largest = 0;
  made.forEach((i, before) => {
    largest = Math.max(largest, Math.min(1, (pValues[i] as number) * (made.length - before)));
    corrected[i] = largest;
  });
  return corrected;
}
