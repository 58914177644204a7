import { withGradient } from "../backend/custom-gradient";
import * as tf from "../backend/tf";

/** The label of pixels that no loss counts: margins of padded images, background during warm-up. */
export const IGNORED_LABEL = 255;

/** Added to numerator and denominator of the soft Dice, as in the study's code. */
const SMOOTH = 1e-5;

/** Near the smallest normal number of float32: keeps the logarithm of a vanished probability finite. */
const LEAST_PROBABILITY = 1e-37;

/** Annotation as the loss reads it. */
export interface LabelTensors {
  /** One-hot classes, [NHW, classes]; all zero where ignored. */
  readonly oneHot: tf.Tensor2D;
  /** 1 where the pixel counts, 0 where it is ignored, [NHW, 1]. */
  readonly counted: tf.Tensor2D;
  /** The number of pixels that count, at least 1. */
  readonly count: tf.Scalar;
}

/**
 * @param labels Class index or IGNORED_LABEL of each pixel, [N, H, W] flattened.
 * @throws RangeError if a label is neither.
 */
export function labelTensors(labels: Uint8Array, classes: number): LabelTensors {
  const oneHot = new Float32Array(labels.length * classes);
  const counted = new Float32Array(labels.length);
  let count = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    if (label === IGNORED_LABEL) continue;
    if (label >= classes) throw new RangeError(`label ${label} of a pixel is none of ${classes} classes`);
    oneHot[i * classes + label] = 1;
    counted[i] = 1;
    count++;
  }
  return {
    oneHot: tf.tensor2d(oneHot, [labels.length, classes]),
    counted: tf.tensor2d(counted, [labels.length, 1]),
    count: tf.scalar(Math.max(1, count)),
  };
}

/**
 * Weights of the decoder levels in the loss, the prediction first: 1, 1/2, 1/4, ... and 0 for the deepest,
 * divided by their sum. A single level has weight 1.
 *
 * @see Isensee et al. 2021, arXiv 1904.08128 (nnU-Net), whose scheme the study uses.
 */
export function deepSupervisionWeights(levels: number): number[] {
  if (levels === 1) return [1];
  const raw = Array.from({ length: levels }, (_, i) => (i === levels - 1 ? 0 : 2 ** -i));
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((weight) => weight / sum);
}

/** The two terms of the loss of each level, prediction first. */
export interface LevelLosses {
  /** Mean over classes of 1 smoothed soft Dice a class over the whole batch, negated: in [-1, 0]. */
  readonly negativeDice: readonly number[];
  /** Mean cross entropy of the pixels that count, nats. */
  readonly crossEntropy: readonly number[];
}

/** The two terms of one or more levels without their gradient, to look at. */
export function levelLosses(logits: readonly tf.Tensor4D[], labels: LabelTensors): LevelLosses {
  const { negativeDice, crossEntropy } = tf.tidy(() => {
    const terms = lossTerms(stackLevels(logits, labels), labels);
    return {
      negativeDice: [...terms.negativeDice.dataSync()],
      crossEntropy: [...terms.crossEntropy.dataSync()],
    };
  });
  return { negativeDice, crossEntropy };
}

/**
 * The study's loss: negative soft Dice plus cross entropy, one to one, of every decoder level, weighted.
 * Dice sums over the whole batch and averages over all classes, background included. Where no pixel counts,
 * cross entropy is 0 and Dice 1.
 *
 * Its gradient is written out, since a chain of small operations costs as much as the convolutions.
 *
 * @param logits [N, H, W, classes] a level, prediction first.
 * @param weights One a level.
 */
export function segmentationLoss(
  logits: readonly tf.Tensor4D[],
  labels: LabelTensors,
  weights: readonly number[],
): tf.Scalar {
  if (weights.length !== logits.length)
    throw new RangeError(`${weights.length} weights for ${logits.length} levels`);
  return tf.tidy(() => {
    const stacked = stackLevels(logits, labels); // [L, NHW, classes]
    const levelWeights = tf.tensor3d([...weights], [weights.length, 1, 1]);
    return withGradient<tf.Scalar>(
      [stacked],
      () => {
        const { negativeDice, crossEntropy, probabilities, overlap, total } = lossTerms(stacked, labels);
        const value = negativeDice.add(crossEntropy).mul(levelWeights.flatten()).sum<tf.Scalar>();
        return { value, saved: [probabilities, overlap, total, levelWeights, labels.oneHot, labels.count] };
      },
      (dy, saved) => [lossGradient(dy, saved)],
    );
  });
}

interface LossTerms {
  readonly negativeDice: tf.Tensor1D; // [L]
  readonly crossEntropy: tf.Tensor1D; // [L]
  /** Softmax where the pixel counts, 0 elsewhere, [L, NHW, classes]. */
  readonly probabilities: tf.Tensor3D;
  /** Twice the overlap of probabilities and annotation plus SMOOTH, [L, 1, classes]. */
  readonly overlap: tf.Tensor3D;
  /** The sum of both plus SMOOTH, [L, 1, classes]. */
  readonly total: tf.Tensor3D;
}

function lossTerms(logits: tf.Tensor3D, { oneHot, counted, count }: LabelTensors): LossTerms {
  const probabilities = tf.softmax(logits).mul<tf.Tensor3D>(counted);
  const hits = probabilities.mul<tf.Tensor3D>(oneHot); // the probability of the annotated class
  const overlap = hits.sum(1, true).mul(2).add<tf.Tensor3D>(SMOOTH);
  const total = probabilities.sum(1, true).add(oneHot.sum(0)).add<tf.Tensor3D>(SMOOTH);
  // An ignored pixel gets probability 1, whose logarithm is 0.
  const likelihood = hits.sum(2, true).add(tf.sub(1, counted)).maximum(LEAST_PROBABILITY);
  return {
    negativeDice: overlap.div(total).mean<tf.Tensor1D>([1, 2]).neg(),
    crossEntropy: likelihood.log().sum([1, 2]).div<tf.Tensor1D>(count).neg(),
    probabilities,
    overlap,
    total,
  };
}

/**
 * With p the probabilities, y the annotation, D = overlap / total, dD/dp = 2 y / total - overlap / total^2,
 * and the softmax's derivative dz = p (g - sum p g); cross entropy gives (p - y) / count.
 */
function lossGradient(dy: tf.Scalar, saved: readonly tf.Tensor[]): tf.Tensor {
  const [p, overlap, total, weights, y, count] = saved;
  if (!p || !overlap || !total || !weights || !y || !count) throw new Error("the loss saved no tensors");
  const classes = p.shape[2] ?? 1;
  const scale = weights.mul(dy); // [L, 1, 1]
  const onHits = scale.mul(-2 / classes).div(total); // [L, 1, classes]
  const onAll = scale.div(-classes).mul(overlap).div(total.square());
  const entropy = scale.div(count);
  const pg = y.mul(onHits).sub(onAll).mul(p); // [L, NHW, classes]
  return pg.add(p.mul(entropy.sub(pg.sum(2, true)))).sub(y.mul(entropy));
}

function stackLevels(logits: readonly tf.Tensor4D[], { oneHot }: LabelTensors): tf.Tensor3D {
  const [pixels, classes] = oneHot.shape;
  const rows = logits.map((level) => level.reshape<tf.Tensor3D>([1, pixels, classes]));
  return rows.length === 1 && rows[0] !== undefined ? rows[0] : tf.concat3d(rows, 0);
}
