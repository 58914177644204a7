import type { Rng } from "../backend/rng";
import type { BootstrapOptions, Interval } from "./bootstrap";
import { featureRows, requireComparable, type Features } from "./features";
import type { Matrix } from "./matrix";
import { rowProducts } from "./row-products";
import { summariseSeeds, type SeedSummary } from "./seed-summary";
import { bootstrapTwoSamples } from "./two-sample-bootstrap";

/** Images whose kernels with all others are held at once. */
const BLOCK_ROWS = 1024;

/** Subsets as the authors of the KID draw them. */
export const KID_SUBSETS = { count: 100, images: 1000 } as const;

/**
 * Kernel distance: the unbiased squared maximum mean discrepancy of two sets of features under the kernel
 * (x^T y / F + 1)^3. Of the canonical Inception features it is the KID. Its expectation does not depend on the
 * number of images, and it may be negative.
 *
 * @throws RangeError if the features differ in number, are not finite, or a set has fewer than two images.
 * @see Gretton et al. 2012, JMLR 13, lemma 6; Binkowski et al. 2018, arXiv 1801.01401.
 */
export function kernelDistance(real: Features, synthetic: Features): number {
  const { withinReal, withinSynthetic, acrossReal } = kernelMeans(real, synthetic);
  return mean(withinReal) + mean(withinSynthetic) - 2 * mean(acrossReal);
}

/**
 * The distance with a bootstrap interval over images. To first order it is a mean over the real images plus one
 * over the synthetic images, and these are drawn anew; a draw of the images themselves would count the kernel
 * of an image with its own copy.
 */
export function bootstrapKernelDistance(
  real: Features,
  synthetic: Features,
  options: BootstrapOptions,
): Interval {
  const { withinReal, withinSynthetic, acrossReal, acrossSynthetic } = kernelMeans(real, synthetic);
  const estimate = mean(withinReal) + mean(withinSynthetic) - 2 * mean(acrossReal);
  // How much the estimate moves with the weight of each image.
  const ofReal = withinReal.map((value, i) => 2 * (value - (acrossReal[i] as number)));
  const ofSynthetic = withinSynthetic.map((value, i) => 2 * (value - (acrossSynthetic[i] as number)));
  const [centreReal, centreSynthetic] = [mean(ofReal), mean(ofSynthetic)];
  return bootstrapTwoSamples(
    [real.count, synthetic.count],
    (a, b) => estimate + meanOf(ofReal, a) - centreReal + meanOf(ofSynthetic, b) - centreSynthetic,
    options,
  );
}

/**
 * The distance of random subsets, drawn without replacement, as the KID is usually stated: mean and standard
 * deviation over them. The subsets share images, so the deviation is not an error of the mean.
 */
export function kernelDistanceOfSubsets(
  real: Features,
  synthetic: Features,
  rng: Rng,
  subsets: { readonly count: number; readonly images: number } = KID_SUBSETS,
): SeedSummary {
  const images = Math.min(subsets.images, real.count, synthetic.count);
  const draw = (features: Features, name: string, i: number): Features => {
    const positions = rng.fork("kid", name, i).permutation(features.count).subarray(0, images);
    const { values } = featureRows(features, positions);
    return { count: images, size: features.size, values: new Float32Array(values) };
  };
  const distances = Array.from({ length: subsets.count }, (_, i) =>
    kernelDistance(draw(real, "real", i), draw(synthetic, "synthetic", i)),
  );
  return summariseSeeds(distances);
}

/** For each image, the mean of its kernels with the other images of a set. */
interface KernelMeans {
  /** With the other real images, [N]. */
  readonly withinReal: Float64Array;
  /** With the other synthetic images, [M]. */
  readonly withinSynthetic: Float64Array;
  /** Of each real image with the synthetic ones, [N]. */
  readonly acrossReal: Float64Array;
  /** Of each synthetic image with the real ones, [M]. */
  readonly acrossSynthetic: Float64Array;
}

function kernelMeans(real: Features, synthetic: Features): KernelMeans {
  requireComparable(real, synthetic, 2);
  const [x, y] = [featureRows(real), featureRows(synthetic)];
  const across = kernelSums(x, y, false);
  const over = (sums: Float64Array, count: number): Float64Array => sums.map((sum) => sum / count);
  return {
    withinReal: over(kernelSums(x, x, true).ofRows, x.rows - 1),
    withinSynthetic: over(kernelSums(y, y, true).ofRows, y.rows - 1),
    acrossReal: over(across.ofRows, y.rows),
    acrossSynthetic: over(across.ofColumns, x.rows),
  };
}

/** Sums of the kernels of each row of `a` with all rows of `b`, and of each row of `b` with all of `a`. */
function kernelSums(
  a: Matrix,
  b: Matrix,
  leaveOutItself: boolean,
): { ofRows: Float64Array; ofColumns: Float64Array } {
  const [ofRows, ofColumns] = [new Float64Array(a.rows), new Float64Array(b.rows)];
  for (let first = 0; first < a.rows; first += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, a.rows - first);
    const values = a.values.subarray(first * a.columns, (first + rows) * a.columns);
    const products = rowProducts({ rows, columns: a.columns, values }, b).values;
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < b.rows; j++) {
        if (leaveOutItself && first + i === j) continue;
        const root = (products[i * b.rows + j] as number) / a.columns + 1;
        const kernel = root * root * root;
        ofRows[first + i] = (ofRows[first + i] as number) + kernel;
        ofColumns[j] = (ofColumns[j] as number) + kernel;
      }
  }
  return { ofRows, ofColumns };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function meanOf(values: Float64Array, positions: Int32Array): number {
  let sum = 0;
  for (const position of positions) sum += values[position] as number;
  return sum / positions.length;
}
