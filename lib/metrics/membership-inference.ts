import type { BootstrapOptions, Interval } from "./bootstrap";
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
  const area = areaUnderCurve(m, n);
  const auc = bootstrapTwoSamples([m.length, n.length], area, options);
  return { memberCount: m.length, nonMemberCount: n.length, auc };
}

/**
 * Share of pairs in which the first is higher, ties counted half; NaN without pairs.
 *
 * @returns A function of positions in both samples, which may repeat. Values are put in order once: a draw only counts
 *   how often each is in it.
 */
export function areaUnderCurve(
  higher: Float64Array,
  lower: Float64Array,
): (first: Int32Array, second: Int32Array) => number {
  const { levels, count } = levelsOf([higher, lower]);
  const [levelOfHigher, levelOfLower] = levels as [Int32Array, Int32Array];
  return (first, second) => {
    const [above, below] = [
      countLevels(first, levelOfHigher, count),
      countLevels(second, levelOfLower, count),
    ];
    let [wins, lowerSoFar] = [0, 0];
    for (let level = 0; level < count; level++) {
      const [here, there] = [above[level] as number, below[level] as number];
      wins += here * (lowerSoFar + there / 2);
      lowerSoFar += there;
    }
    return wins / (first.length * second.length);
  };
}

/** Of each value its place among the different values of all samples, from the smallest. */
function levelsOf(samples: readonly Float64Array[]): { levels: readonly Int32Array[]; count: number } {
  const sorted = Float64Array.from(samples.flatMap((sample) => [...sample])).sort();
  const different = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
  const place = new Map(Array.from(different, (value, level) => [value, level]));
  const levels = samples.map((sample) => Int32Array.from(sample, (value) => place.get(value) ?? 0));
  return { levels, count: different.length };
}

function countLevels(positions: Int32Array, levels: Int32Array, count: number): Float64Array {
  const counts = new Float64Array(count);
  for (const position of positions) {
    const level = levels[position] as number;
    counts[level] = (counts[level] as number) + 1;
  }
  return counts;
}

function withoutNaN(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).filter((value) => !Number.isNaN(value));
}
