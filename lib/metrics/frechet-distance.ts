import { DEFAULT_LEVEL, type Interval } from "./bootstrap";
import type { Rng } from "../backend/rng";
import { centredRows, featureCovariance, featureMean } from "./feature-moments";
import { requireComparable, type Features } from "./features";
import { transposed, type Matrix } from "./matrix";
import { pivotedCholesky } from "./pivoted-cholesky";
import { quantile } from "./quantile";
import { rowProducts } from "./row-products";
import { symmetricEigenvalues } from "./symmetric-eigenvalues";

/** What the distance needs of a set of images. */
interface Gaussian {
  readonly mean: Float64Array;
  /** R with R^T R the covariance, [rank, F]. */
  readonly factor: Matrix;
  /** Trace of the covariance. */
  readonly variance: number;
}

/**
 * Fréchet distance of two sets of features, taken as normal distributions:
 * |m1 - m2|^2 + Tr(C1 + C2 - 2 (C1 C2)^(1/2)), in double precision. Of the canonical Inception features it is
 * the FID. It is not negative but for rounding.
 *
 * The trace of the root is the sum of the singular values of R1 R2^T, where R^T R = C: the same number as of
 * the root of C1^(1/2) C2 C1^(1/2), with singular covariances as any other, so that nothing is added to their
 * diagonals. pytorch-fid adds 1e-6 there only where its root is not finite.
 *
 * The fewer images, the larger the distance: with fewer than features, much of it is chance.
 *
 * @throws RangeError if the features differ in number, are not finite, or a set has fewer than two images.
 * @see Dowson and Landau 1982, J. Multivariate Anal. 12(3); Heusel et al. 2017, arXiv 1706.08500.
 */
export function frechetDistance(real: Features, synthetic: Features): number {
  requireComparable(real, synthetic, 2);
  return distance(gaussian(real), gaussian(synthetic));
}

/** How the interval of a Fréchet distance is made. */
export interface FrechetBootstrap {
  readonly rng: Rng;
  /** Times both sets are drawn anew; each costs as much as the distance. */
  readonly replicates: number;
  /** Share of the replicates inside the interval; default 0.95. */
  readonly level?: number;
}

/**
 * The distance with a bootstrap interval over images. Drawing with replacement leaves fewer different images,
 * which raises the distance of every draw; so the draws give the width and the distance itself the centre.
 */
export function bootstrapFrechetDistance(
  real: Features,
  synthetic: Features,
  { rng, replicates, level = DEFAULT_LEVEL }: FrechetBootstrap,
): Interval {
  const estimate = frechetDistance(real, synthetic);
  const draws = Float64Array.from({ length: replicates }, (_, draw) =>
    distance(
      gaussian(real, positions(real.count, rng.fork("frechet", draw, "real"))),
      gaussian(synthetic, positions(synthetic.count, rng.fork("frechet", draw, "synthetic"))),
    ),
  );
  const centre = draws.reduce((sum, value) => sum + value, 0) / replicates;
  const tail = (1 - level) / 2;
  return {
    estimate,
    low: estimate + quantile(draws, tail) - centre,
    high: estimate + quantile(draws, 1 - tail) - centre,
  };
}

function positions(count: number, rng: Rng): Int32Array {
  const stream = rng.stream();
  return Int32Array.from({ length: count }, () => stream.integer(count));
}

function gaussian(features: Features, images?: Int32Array): Gaussian {
  const mean = featureMean(features, images);
  const count = images?.length ?? features.count;
  const factor =
    count <= features.size
      ? scaled(centredRows(features, mean, images), 1 / Math.sqrt(count - 1))
      : pivotedCholesky(featureCovariance(features, mean, images));
  return { mean, factor, variance: squares(factor.values) };
}

function distance(a: Gaussian, b: Gaussian): number {
  const shift = squares(a.mean.map((value, i) => value - (b.mean[i] as number)));
  return shift + a.variance + b.variance - 2 * sumOfSingularValues(rowProducts(a.factor, b.factor));
}

/** By the eigenvalues of the smaller of M M^T and M^T M; rounding may leave tiny negative ones. */
function sumOfSingularValues(m: Matrix): number {
  const wide = m.rows <= m.columns ? m : transposed(m);
  if (wide.rows === 0) return 0;
  return symmetricEigenvalues(rowProducts(wide, wide)).reduce(
    (sum, eigenvalue) => sum + Math.sqrt(Math.max(eigenvalue, 0)),
    0,
  );
}

function squares(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}

function scaled(m: Matrix, factor: number): Matrix {
  return { ...m, values: m.values.map((value) => value * factor) };
}
