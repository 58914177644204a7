import type { Voxels } from "../nifti-voxels";
import { CLASS_COUNT } from "../../shape";
import type { AuditVolumes } from "./audit-volumes";
import type { MeanAndDeviation } from "./standard-scores";

/** The bins of every histogram: standard scores in the brain. Values beyond the ends are in the last bins. */
export const HISTOGRAM_BINS = { low: -4, high: 10, count: 140 } as const;

/** Middle of each bin, standard deviations from the brain's mean. */
export function binMiddles(): Float64Array {
  const { low, high, count } = HISTOGRAM_BINS;
  return Float64Array.from({ length: count }, (_, i) => low + ((i + 0.5) * (high - low)) / count);
}

/**
 * Distribution of one sequence in each class, after it was brought to zero mean and unit deviation in the
 * brain.
 *
 * @returns For classes 0 (brain outside the tumour) to 3, the share of voxels a bin; null where the class is
 *   empty.
 */
export function classHistograms(
  { brain, classes }: Pick<AuditVolumes, "brain" | "classes">,
  values: Voxels,
  { mean, deviation }: MeanAndDeviation,
): readonly (Float64Array | null)[] {
  const { low, high, count } = HISTOGRAM_BINS;
  const bins = Array.from({ length: CLASS_COUNT }, () => new Float64Array(count));
  const totals = new Float64Array(CLASS_COUNT);
  const scale = count / (high - low);
  for (let i = 0; i < values.length; i++) {
    if (brain[i] !== 1) continue;
    const index = classes[i] as number;
    const at = Math.floor((((values[i] as number) - mean) / deviation - low) * scale);
    const bin = Math.max(0, Math.min(count - 1, at));
    const histogram = bins[index] as Float64Array;
    histogram[bin] = (histogram[bin] as number) + 1;
    totals[index] = (totals[index] as number) + 1;
  }
  return bins.map((histogram, index) => {
    const total = totals[index] as number;
    return total === 0 ? null : histogram.map((n) => n / total);
  });
}

/** Common area of two distributions over the same bins: 1 where they are equal, 0 where they never meet. */
export function overlap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let area = 0;
  for (let i = 0; i < a.length; i++) area += Math.min(a[i] as number, b[i] as number);
  return area;
}
