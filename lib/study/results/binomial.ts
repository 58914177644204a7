import { normalQuantile } from "../../metrics/normal-distribution";

/** Variance from which the normal approximation, rounded, is as good as the distribution itself. */
const NORMAL_FROM = 25;

/**
 * A binomial draw by the inverse of its distribution function: how many of n images drawn with replacement are
 * of a kind that has the share p. Exact for small variances, by the normal approximation for large ones.
 *
 * @param u Uniform in [0, 1).
 * @returns NaN where p is.
 */
export function drawBinomial(n: number, p: number, u: number): number {
  if (Number.isNaN(p)) return Number.NaN;
  if (p > 0.5) return n - drawBinomial(n, 1 - p, 1 - u);
  const variance = n * p * (1 - p);
  if (variance >= NORMAL_FROM) {
    const inside = Math.min(1 - 1e-12, Math.max(1e-12, u));
    return Math.min(n, Math.max(0, Math.round(n * p + Math.sqrt(variance) * normalQuantile(inside))));
  }
  // Walks up until the distribution function passes u.
  let probability = (1 - p) ** n;
  let [count, below] = [0, probability];
  while (below <= u && count < n) {
    probability *= ((n - count) / (count + 1)) * (p / (1 - p));
    count++;
    below += probability;
  }
  return count;
}
