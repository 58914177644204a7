import * as tf from "../../backend/tf";
import { masksOf } from "../../data/batches";
import type { SliceSet } from "../../data/slice-set";
import { countClasses, dice } from "../../metrics/dice";
import { meanDice, scoreSubjects, type SubjectScore } from "../../metrics/subject-scores";
import { cropCentre } from "../../models/unet/unet";
import { CLASS_COUNT } from "../../shape";
import { inputLayout, inputTensor, plainBatch } from "./segmentation-input";
import type { SegmentationNetwork } from "./segmentation-recipe";
import { readerOf } from "./segmentation-slices";

const BATCH_SIZE = 32;

/**
 * The most likely class of each pixel.
 *
 * @returns [N, H, W] flattened.
 */
export function predictClasses(
  network: SegmentationNetwork,
  set: SliceSet,
  batchSize = BATCH_SIZE,
): Uint8Array {
  return mostLikely(network, set, batchSize, (input) => network.predict(input));
}

/** The axes that mirrored slices are swapped along: none, rows, columns, both. */
const MIRRORED_AXES: readonly (readonly number[])[] = [[], [1], [2], [1, 2]];

/**
 * The most likely class of each pixel by the mean probability over the slice and its three mirror images, for networks
 * that have learnt from mirrored slices.
 *
 * @returns [N, H, W] flattened.
 * @see Isensee et al. 2021, Nature Methods 18:203, which mirrors along all axes.
 */
export function predictMirrored(network: SegmentationNetwork, set: SliceSet): Uint8Array {
  return mostLikely(network, set, BATCH_SIZE, (input) => {
    const each = MIRRORED_AXES.map((axes) => {
      const probabilities = tf.softmax(
        network.predict(axes.length === 0 ? input : tf.reverse(input, [...axes])),
      );
      return axes.length === 0 ? probabilities : tf.reverse(probabilities, [...axes]);
    });
    return tf.addN(each);
  });
}

/** The class with the highest score at each pixel. @param scores Of a batch, [N, H', W', K]. */
function mostLikely(
  network: SegmentationNetwork,
  set: SliceSet,
  batchSize: number,
  scores: (input: tf.Tensor4D) => tf.Tensor4D,
): Uint8Array {
  const { size, count } = set;
  const classes = new Uint8Array(count * size * size);
  const layout = inputLayout(network.config, size);
  const slices = readerOf(set);
  for (let start = 0; start < count; start += batchSize) {
    const length = Math.min(batchSize, count - start);
    const indices = Int32Array.from({ length }, (_, i) => start + i);
    const batch = tf.tidy(() => {
      const input = inputTensor(plainBatch(slices, indices, layout), layout);
      return cropCentre(scores(input), [size, size]).argMax(3).dataSync();
    });
    classes.set(batch, start * size * size);
  }
  return classes;
}

/** Predicts and scores a set by subject: each subject's slices are one volume. */
export function segmentAndScore(network: SegmentationNetwork, set: SliceSet): readonly SubjectScore[] {
  const everything = Int32Array.from({ length: set.count }, (_, n) => n);
  return scoreSubjects({
    annotation: masksOf(set, everything),
    prediction: predictClasses(network, set),
    subjectOf: set.subjectOf,
    subjects: set.subjects,
  });
}

/** How a network is scored for the choice of the best one. */
export type ValidationScore = "subjects" | "batches";

/**
 * The score by which the study chooses a network: with real images, the mean over classes of the mean Dice
 * over subjects; with synthetic ones, which belong to nobody, the mean over batches of slices.
 *
 * @returns A fraction in [0, 1]; NaN where a real set has no tumour at all.
 */
export function validationDice(
  network: SegmentationNetwork,
  set: SliceSet,
  score: ValidationScore,
  batchSize: number,
): number {
  if (score === "subjects") return meanDice(segmentAndScore(network, set)).mean;
  const everything = Int32Array.from({ length: set.count }, (_, n) => n);
  return batchDice(masksOf(set, everything), predictClasses(network, set), batchSize * set.size ** 2);
}

/**
 * The mean over batches of the mean Dice of the tumour classes that a batch's annotation has; 0 for a batch
 * without tumour, as in the study's code.
 *
 * @param pixels Pixels of one batch; the last may have fewer.
 */
export function batchDice(annotation: Uint8Array, prediction: Uint8Array, pixels: number): number {
  const scores: number[] = [];
  for (let start = 0; start < annotation.length; start += pixels) {
    const part = (classes: Uint8Array) => classes.subarray(start, start + pixels);
    const present = countClasses(part(annotation), part(prediction), CLASS_COUNT)
      .slice(1)
      .filter(({ truePositives, falseNegatives }) => truePositives + falseNegatives > 0);
    scores.push(present.reduce((sum, counts) => sum + dice(counts), 0) / Math.max(1, present.length));
  }
  return scores.reduce((a, b) => a + b, 0) / scores.length;
}
