import { bootstrap, type BootstrapOptions, type Interval } from "./bootstrap";
import { summariseSeeds, type SeedSummary } from "./seed-summary";

/** Class probabilities of images. */
export interface Probabilities {
  /** Images, N. */
  readonly count: number;
  /** Classes, K. */
  readonly classes: number;
  /** [N, K] flattened; each row sums to 1. */
  readonly values: Float32Array | Float64Array;
}

/** How far the sum of a row may be off 1. */
const SUM_TOLERANCE = 1e-3;

/**
 * exp(mean over images of KL(p(y | x) || p(y))), p(y) being the mean over the images: in [1, K]; high where
 * single images are told apart surely and all classes occur. Of the canonical network it is the Inception score.
 *
 * @param splits Parts of the images, in their order, each scored by itself; 1 is the whole, 10 is usual.
 * @returns Mean and population standard deviation over the parts.
 * @throws RangeError if there are fewer images than parts, or a row is not a distribution.
 * @see Salimans et al. 2016, arXiv 1606.03498, section 4.
 */
export function inceptionScore(probabilities: Probabilities, splits = 1): SeedSummary {
  const { count } = probabilities;
  requireDistributions(probabilities);
  if (!Number.isInteger(splits) || splits < 1 || splits > count)
    throw new RangeError(`${count} images cannot be split into ${splits} parts`);
  const scores = Array.from({ length: splits }, (_, part) => {
    const [first, end] = [Math.floor((part * count) / splits), Math.floor(((part + 1) * count) / splits)];
    return scoreOf(
      probabilities,
      Int32Array.from({ length: end - first }, (_, i) => first + i),
    );
  });
  return summariseSeeds(scores);
}

/** The score of all images with a bootstrap interval over them. */
export function bootstrapInceptionScore(probabilities: Probabilities, options: BootstrapOptions): Interval {
  requireDistributions(probabilities);
  return bootstrap(probabilities.count, (positions) => scoreOf(probabilities, positions), options);
}

function scoreOf({ classes, values }: Probabilities, positions: Int32Array): number {
  const marginal = new Float64Array(classes);
  let negativeEntropy = 0;
  for (const position of positions)
    for (let k = 0, at = position * classes; k < classes; k++, at++) {
      const p = values[at] as number;
      marginal[k] = (marginal[k] as number) + p;
      if (p > 0) negativeEntropy += p * Math.log(p);
    }
  // mean KL = mean sum p log p - sum q log q, with q the mean of p.
  let divergence = negativeEntropy / positions.length;
  for (const sum of marginal) {
    const q = sum / positions.length;
    if (q > 0) divergence -= q * Math.log(q);
  }
  return Math.exp(divergence);
}

function requireDistributions({ count, classes, values }: Probabilities): void {
  if (values.length !== count * classes)
    throw new RangeError(`${values.length} values do not make ${count} images of ${classes} classes`);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let at = i * classes; at < (i + 1) * classes; at++) {
      const p = values[at] as number;
      if (!(p >= 0)) throw new RangeError(`image ${i} has the probability ${p}`);
      sum += p;
    }
    if (!(Math.abs(sum - 1) <= SUM_TOLERANCE))
      throw new RangeError(`the probabilities of image ${i} sum to ${sum}, not to 1`);
  }
}
