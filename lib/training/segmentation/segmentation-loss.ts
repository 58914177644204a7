import { withGradient } from "../../backend/custom-gradient";
import * as tf from "../../backend/tf";

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

/** How the soft Dice of a loss is taken. */
export interface DiceTerm {
  /** Whether the background is one of the classes that are averaged. */
  readonly background: boolean;
  /** Whether the sum of probabilities in the denominator is one of their squares. */
  readonly squared: boolean;
  /** A Dice a sample, averaged, or one of the whole batch. */
  readonly perSample: boolean;
}

/** Of the study's U-Net. */
export const UNET_DICE = { background: true, squared: false, perSample: false } as const satisfies DiceTerm;

/** Of the study's Swin transformer; the study's code adds 1, which no gradient sees. @see MONAI's DiceCELoss. */
export const SWIN_DICE = { background: false, squared: true, perSample: true } as const satisfies DiceTerm;

/** The two terms of the loss of each level, prediction first. */
export interface LevelLosses {
  /** Mean over classes, and samples where each has its own, of 1 smoothed soft Dice, negated: in [-1, 0]. */
  readonly negativeDice: readonly number[];
  /** Mean cross entropy of the pixels that count, nats. */
  readonly crossEntropy: readonly number[];
}

/** The two terms of one or more levels without their gradient, to look at. */
export function levelLosses(
  logits: readonly tf.Tensor4D[],
  labels: LabelTensors,
  dice: DiceTerm = UNET_DICE,
): LevelLosses {
  const { negativeDice, crossEntropy } = tf.tidy(() => {
    const terms = lossTerms(stackLevels(logits, labels, dice), labels, dice);
    return {
      negativeDice: [...terms.negativeDice.dataSync()],
      crossEntropy: [...terms.crossEntropy.dataSync()],
    };
  });
  return { negativeDice, crossEntropy };
}

/**
 * The study's loss: negative soft Dice plus cross entropy, one to one, of every level, weighted. Where no pixel
 * counts, cross entropy is 0 and Dice 1.
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
  dice: DiceTerm = UNET_DICE,
): tf.Scalar {
  if (weights.length !== logits.length)
    throw new RangeError(`${weights.length} weights for ${logits.length} levels`);
  return tf.tidy(() => {
    const stacked = stackLevels(logits, labels, dice); // [L, G, P, classes]
    const levelWeights = tf.tensor4d([...weights], [weights.length, 1, 1, 1]);
    return withGradient<tf.Scalar>(
      [stacked],
      () => {
        const terms = lossTerms(stacked, labels, dice);
        const { probabilities, annotation, overlap, total } = terms;
        const value = terms.negativeDice.add(terms.crossEntropy).mul(levelWeights.flatten()).sum<tf.Scalar>();
        return { value, saved: [probabilities, overlap, total, levelWeights, annotation, labels.count] };
      },
      (dy, saved) => [lossGradient(dy, saved, dice)],
    );
  });
}

/** G is the number of samples where each has a Dice of its own, else 1; P the pixels of each. */
interface LossTerms {
  readonly negativeDice: tf.Tensor1D; // [L]
  readonly crossEntropy: tf.Tensor1D; // [L]
  /** Softmax where the pixel counts, 0 elsewhere, [L, G, P, classes]. */
  readonly probabilities: tf.Tensor4D;
  /** One-hot classes, [1, G, P, classes]. */
  readonly annotation: tf.Tensor4D;
  /** Twice the overlap of probabilities and annotation plus SMOOTH, [L, G, 1, classes]. */
  readonly overlap: tf.Tensor4D;
  /** The sum of both plus SMOOTH, [L, G, 1, classes]. */
  readonly total: tf.Tensor4D;
}

function lossTerms(logits: tf.Tensor4D, labels: LabelTensors, dice: DiceTerm): LossTerms {
  const [, groups, pixels, classes] = logits.shape;
  const annotation = labels.oneHot.reshape<tf.Tensor4D>([1, groups, pixels, classes]);
  const counted = labels.counted.reshape<tf.Tensor4D>([1, groups, pixels, 1]);
  const probabilities = tf.softmax(logits).mul<tf.Tensor4D>(counted);
  const hits = probabilities.mul<tf.Tensor4D>(annotation); // the probability of the annotated class
  const overlap = hits.sum(2, true).mul(2).add<tf.Tensor4D>(SMOOTH);
  const weighed = dice.squared ? probabilities.square() : probabilities;
  const total = weighed.sum(2, true).add(annotation.sum(2, true)).add<tf.Tensor4D>(SMOOTH);
  // An ignored pixel gets probability 1, whose logarithm is 0.
  const likelihood = hits.sum(3, true).add(tf.sub(1, counted)).maximum(LEAST_PROBABILITY);
  return {
    negativeDice: overlap
      .div(total)
      .mul(classShares(classes, groups, dice))
      .sum<tf.Tensor1D>([1, 2, 3])
      .neg(),
    crossEntropy: likelihood.log().sum([1, 2, 3]).div<tf.Tensor1D>(labels.count).neg(),
    probabilities,
    annotation,
    overlap,
    total,
  };
}

/** What the Dice of each class weighs in the mean, [classes]. */
function classShares(classes: number, groups: number, { background }: DiceTerm): tf.Tensor1D {
  const averaged = groups * (background ? classes : classes - 1);
  return tf.tensor1d(Array.from({ length: classes }, (_, i) => (i > 0 || background ? 1 / averaged : 0)));
}

/**
 * With p the probabilities, y the annotation, D = overlap / total, dD/dp = 2 y / total - overlap / total^2 (times
 * 2 p where total has squares), and the softmax's derivative dz = p (g - sum p g); cross entropy gives
 * (p - y) / count.
 */
function lossGradient(dy: tf.Scalar, saved: readonly tf.Tensor[], dice: DiceTerm): tf.Tensor {
  const [p, overlap, total, weights, y, count] = saved;
  if (!p || !overlap || !total || !weights || !y || !count) throw new Error("the loss saved no tensors");
  const [, groups = 1, , classes = 1] = p.shape;
  const scale = weights.mul(dy); // [L, 1, 1, 1]
  const shares = scale.mul(classShares(classes, groups, dice)); // [L, 1, 1, classes]
  const onHits = shares.mul(-2).div(total); // [L, G, 1, classes]
  const onAll = shares.neg().mul(overlap).div(total.square());
  const entropy = scale.div(count);
  const pg = y
    .mul(onHits)
    .sub(dice.squared ? onAll.mul(2).mul(p) : onAll)
    .mul(p); // [L, G, P, classes]
  return pg.add(p.mul(entropy.sub(pg.sum(3, true)))).sub(y.mul(entropy));
}

function stackLevels(
  logits: readonly tf.Tensor4D[],
  { oneHot }: LabelTensors,
  { perSample }: DiceTerm,
): tf.Tensor4D {
  const [pixels, classes] = oneHot.shape;
  const groups = perSample ? (logits[0]?.shape[0] ?? 1) : 1;
  const rows = logits.map((level) => level.reshape<tf.Tensor4D>([1, groups, pixels / groups, classes]));
  return rows.length === 1 && rows[0] !== undefined ? rows[0] : tf.concat4d(rows, 0);
}
