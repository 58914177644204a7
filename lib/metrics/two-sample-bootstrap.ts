import { DEFAULT_LEVEL, DEFAULT_REPLICATES, type BootstrapOptions, type Interval } from "./bootstrap";
import { quantileOfSorted, sortedNumbers } from "./quantile";

/**
 * Percentile bootstrap over two independent samples, such as real and synthetic images: both are drawn anew,
 * each with replacement.
 *
 * @param counts Sizes of the two samples.
 * @param statistic Computed from positions in each, which may repeat. Draws that give NaN are left out.
 */
export function bootstrapTwoSamples(
  counts: readonly [number, number],
  statistic: (first: Int32Array, second: Int32Array) => number,
  { rng, replicates = DEFAULT_REPLICATES, level = DEFAULT_LEVEL }: BootstrapOptions,
): Interval {
  const samples = counts.map((count) => Int32Array.from({ length: count }, (_, i) => i));
  const [first, second] = samples as [Int32Array, Int32Array];
  const estimate = statistic(first, second);
  const stream = rng.fork("bootstrap").stream();
  const draws = new Float64Array(counts.includes(0) ? 0 : replicates);
  for (let draw = 0; draw < draws.length; draw++) {
    for (const positions of samples)
      for (let i = 0; i < positions.length; i++) positions[i] = stream.integer(positions.length);
    draws[draw] = statistic(first, second);
  }
  const sorted = sortedNumbers(draws);
  const tail = (1 - level) / 2;
  return { estimate, low: quantileOfSorted(sorted, tail), high: quantileOfSorted(sorted, 1 - tail) };
}
