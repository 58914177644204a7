import { bootstrapMean, type BootstrapOptions, type Interval } from "./bootstrap";
import type { Features } from "./features";
import { neighbourhoods } from "./neighbourhoods";

/** Neighbours as the authors of each measure recommend them. */
const PRECISION_NEIGHBOURS = 3;
const DENSITY_NEIGHBOURS = 5;

export interface PrecisionRecall {
  /** Share of synthetic images within the neighbourhood of a real one: are they like real images? */
  readonly precision: Interval;
  /** Share of real images within the neighbourhood of a synthetic one: do they come in all their kinds? */
  readonly recall: Interval;
}

/**
 * Improved precision and recall, in [0, 1]. Intervals by bootstrap over the images that are judged, the
 * neighbourhoods held fixed.
 *
 * @param k Neighbours that make a neighbourhood.
 * @throws RangeError if a set has no more than k images, or the features do not fit each other.
 * @see Kynkaanniemi et al. 2019, arXiv 1904.06991.
 */
export function precisionRecall(
  real: Features,
  synthetic: Features,
  options: BootstrapOptions,
  k = PRECISION_NEIGHBOURS,
): PrecisionRecall {
  const { ofReal, ofSynthetic } = neighbourhoods(real, synthetic, k);
  const isIn = (count: number): number => Number(count > 0);
  return {
    precision: bootstrapMean(ofReal.map(isIn), fork(options, "precision")),
    recall: bootstrapMean(ofSynthetic.map(isIn), fork(options, "recall")),
  };
}

export interface DensityCoverage {
  /**
   * How many real neighbourhoods a synthetic image lies in, over k: 1 where both sets are alike, above 1 where
   * synthetic images crowd where real ones are dense.
   */
  readonly density: Interval;
  /** Share of real images with a synthetic one in their neighbourhood. */
  readonly coverage: Interval;
}

/**
 * Density and coverage, which a single outlier among the real images does not raise as it raises precision.
 *
 * @param k Neighbours that make a neighbourhood.
 * @throws RangeError if a set has no more than k images, or the features do not fit each other.
 * @see Naeem et al. 2020, arXiv 2002.09797.
 */
export function densityCoverage(
  real: Features,
  synthetic: Features,
  options: BootstrapOptions,
  k = DENSITY_NEIGHBOURS,
): DensityCoverage {
  const { ofReal, covered } = neighbourhoods(real, synthetic, k);
  return {
    density: bootstrapMean(
      ofReal.map((count) => count / k),
      fork(options, "density"),
    ),
    coverage: bootstrapMean(covered, fork(options, "coverage")),
  };
}

function fork(options: BootstrapOptions, name: string): BootstrapOptions {
  return { ...options, rng: options.rng.fork(name) };
}
