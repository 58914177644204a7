import { normalUpperTail } from "./normal-distribution";
import { rank } from "./ranks";

/** Pairs up to which the distribution is counted out, where no two differences are of one size. */
const EXACT_UP_TO = 25;

/** Whether the differences of pairs lie about 0. */
export interface SignedRankTest {
  /** Pairs with a difference: those without one are left out, as Wilcoxon did. */
  readonly count: number;
  /** The smaller of the sums of ranks of positive and of negative differences. */
  readonly statistic: number;
  /** Two-sided; NaN without a difference. */
  readonly pValue: number;
  readonly method: "exact" | "normal approximation";
  /** (sum of ranks of positive differences - of negative ones) / both, in [-1, 1]: size of the effect. */
  readonly rankBiserial: number;
}

/**
 * Wilcoxon's signed-rank test of pairs, two-sided, on the differences a - b: exact up to 25 of them without
 * ties, else by the normal approximation with its correction for ties, without one for continuity. As
 * scipy.stats.wilcoxon with zero_method "wilcox".
 *
 * @param a Values of one method. @param b Of the other, by the same subjects; pairs with NaN are left out.
 * @throws RangeError if the two are not of the same number.
 * @see Wilcoxon 1945, Biometrics Bulletin 1(6).
 */
export function signedRankTest(a: ArrayLike<number>, b: ArrayLike<number>): SignedRankTest {
  if (a.length !== b.length) throw new RangeError(`${a.length} values against ${b.length}: not paired`);
  const differences = Array.from(a, (value, i) => value - (b[i] as number)).filter(
    (difference) => !Number.isNaN(difference) && difference !== 0,
  );
  const count = differences.length;
  const { ranks, ties } = rank(differences.map(Math.abs));
  const positive = differences.reduce((sum, d, i) => sum + (d > 0 ? (ranks[i] as number) : 0), 0);
  const total = (count * (count + 1)) / 2;
  const statistic = Math.min(positive, total - positive);
  const exact = count <= EXACT_UP_TO && ties.length === 0;
  const pValue = exact ? exactPValue(statistic, count) : approximatePValue(statistic, count, ties);
  return {
    count,
    statistic,
    pValue: count === 0 ? Number.NaN : Math.min(1, pValue),
    method: exact ? "exact" : "normal approximation",
    rankBiserial: (2 * positive - total) / total,
  };
}

/** Twice the share of the 2^n choices of signs whose sum of ranks is no larger. */
function exactPValue(statistic: number, count: number): number {
  // ways[s]: choices among the ranks so far whose sum is s.
  const ways = new Float64Array((count * (count + 1)) / 2 + 1);
  ways[0] = 1;
  for (let next = 1, most = 1; next <= count; next++, most += next)
    for (let sum = most; sum >= next; sum--) ways[sum] = (ways[sum] as number) + (ways[sum - next] as number);
  let below = 0;
  for (let sum = 0; sum <= statistic; sum++) below += ways[sum] as number;
  return (2 * below) / 2 ** count;
}

function approximatePValue(statistic: number, n: number, ties: readonly number[]): number {
  const mean = (n * (n + 1)) / 4;
  const tied = ties.reduce((sum, t) => sum + t ** 3 - t, 0);
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - tied / 48;
  return 2 * normalUpperTail(Math.abs(statistic - mean) / Math.sqrt(variance));
}
