import type { BootstrapOptions, Interval } from "./bootstrap";
import { rank } from "./ranks";
import { bootstrapTwoSamples } from "./two-sample-bootstrap";

/** How well synthetic images give away who was in the training set. */
export interface MembershipInference {
  readonly memberCount: number;
  readonly nonMemberCount: number;
  /**
   * Probability that a training image resembles a synthetic one more than a held-out image does, ties counted
   * half (area under the curve): 0.5 where nothing is given away, 1 where all is.
   */
  readonly auc: Interval;
}

/**
 * A membership-inference attack by an onlooker who has the synthetic images and asks of a real one whether it was
 * trained on: the more it resembles the nearest synthetic one, the more likely it was.
 *
 * @param members Resemblance of each training image to the synthetic ones; higher is more alike, NaN is left out.
 * @param nonMembers The same of held-out images.
 * @see Hayes et al. 2019, LOGAN, arXiv 1705.07663; Chen et al. 2020, GAN-Leaks, arXiv 1909.03935.
 */
export function membershipInference(
  members: ArrayLike<number>,
  nonMembers: ArrayLike<number>,
  options: BootstrapOptions,
): MembershipInference {
  const [m, n] = [withoutNaN(members), withoutNaN(nonMembers)];
  const auc = bootstrapTwoSamples(
    [m.length, n.length],
    (a, b) => areaUnderCurve(at(m, a), at(n, b)),
    options,
  );
  return { memberCount: m.length, nonMemberCount: n.length, auc };
}

/** Share of pairs in which the first is higher, ties counted half, by the sum of ranks; NaN without pairs. */
export function areaUnderCurve(higher: Float64Array, lower: Float64Array): number {
  const both = new Float64Array(higher.length + lower.length);
  both.set(higher);
  both.set(lower, higher.length);
  const { ranks } = rank(both);
  const sum = ranks.subarray(0, higher.length).reduce((total, value) => total + value, 0);
  return (sum - (higher.length * (higher.length + 1)) / 2) / (higher.length * lower.length);
}

function withoutNaN(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).filter((value) => !Number.isNaN(value));
}

function at(values: Float64Array, positions: Int32Array): Float64Array {
  return Float64Array.from(positions, (position) => values[position] as number);
}
