import type { Rng } from "../backend/rng";
import { quantileOfSorted, sortedNumbers } from "./quantile";

/** An estimate with a percentile interval. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** How an interval is made. */
export interface BootstrapOptions {
  readonly rng: Rng;
  /** Times the subjects are drawn anew. */
  readonly replicates?: number;
  /** Share of the replicates inside the interval. */
  readonly level?: number;
}

export const DEFAULT_REPLICATES = 2000;
export const DEFAULT_LEVEL = 0.95;

/**
 * Percentile bootstrap over subjects: draws as many subjects as there are, with replacement, and computes
 * the statistic of each draw.
 *
 * @param count Number of subjects.
 * @param statistic Computed from positions of subjects, which may repeat. A draw whose statistic is NaN is
 *   left out, e.g. one with no subject that has the class.
 * @returns The statistic of all subjects with its interval; with one subject the interval has no width, and
 *   with none all three are NaN.
 * @see Efron and Tibshirani 1993, An Introduction to the Bootstrap, section 13.3.
 */
export function bootstrap(
  count: number,
  statistic: (positions: Int32Array) => number,
  { rng, replicates = DEFAULT_REPLICATES, level = DEFAULT_LEVEL }: BootstrapOptions,
): Interval {
  const estimate = statistic(Int32Array.from({ length: count }, (_, i) => i));
  const stream = rng.fork("bootstrap").stream();
  const positions = new Int32Array(count);
  const draws = new Float64Array(count === 0 ? 0 : replicates);
  for (let draw = 0; draw < draws.length; draw++) {
    for (let i = 0; i < count; i++) positions[i] = stream.integer(count);
    draws[draw] = statistic(positions);
  }
  const sorted = sortedNumbers(draws);
  const tail = (1 - level) / 2;
  return { estimate, low: quantileOfSorted(sorted, tail), high: quantileOfSorted(sorted, 1 - tail) };
}

/** Interval of the mean over subjects; NaN values count as missing, as in the study's tables. */
export function bootstrapMean(values: ArrayLike<number>, options: BootstrapOptions): Interval {
  return bootstrap(values.length, (positions) => meanAt(values, positions), options);
}

/**
 * Interval of the ratio of two means over the same subjects, drawn together: mean of `numerators` over mean
 * of `denominators`. NaN where the lower mean is 0.
 *
 * @throws RangeError if the two are not of the same subjects.
 */
export function bootstrapRatioOfMeans(
  numerators: ArrayLike<number>,
  denominators: ArrayLike<number>,
  options: BootstrapOptions,
): Interval {
  if (numerators.length !== denominators.length)
    throw new RangeError(`${numerators.length} values over ${denominators.length}: not paired by subject`);
  return bootstrap(
    numerators.length,
    (positions) => ratio(meanAt(numerators, positions), meanAt(denominators, positions)),
    options,
  );
}

/** A quotient; NaN in place of infinity. */
export function ratio(numerator: number, denominator: number): number {
  return denominator === 0 ? Number.NaN : numerator / denominator;
}

/** Mean of the values at some positions, NaN left out; NaN where none is left. */
export function meanAt(values: ArrayLike<number>, positions: Iterable<number>): number {
  let sum = 0;
  let count = 0;
  for (const position of positions) {
    const value = values[position] as number;
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return count === 0 ? Number.NaN : sum / count;
}
