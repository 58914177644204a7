import type { Rng } from "../backend/rng";
import * as tf from "../backend/tf";
import type { Params } from "../models/params";
import type { UNet } from "../models/unet";
import { CLASS_COUNT } from "../shape";
import { GradientFunction } from "./gradients";
import type { Optimizer, SgdConfig } from "./optimizers";
import type { ParameterVector } from "./parameter-vector";
import {
  deepSupervisionWeights,
  IGNORED_LABEL,
  labelTensors,
  segmentationLoss,
  type LabelTensors,
} from "./segmentation-loss";

/** How the study's U-Net is trained; the study's own values stand in STUDY_SEGMENTATION. */
export interface SegmentationConfig {
  /** Images seen in all. */
  readonly images: number;
  /** Images that count as one epoch, the step of the schedules below. */
  readonly epochImages: number;
  readonly batchSize: number;
  /** Learning rate of the first epoch; it falls as (1 - epoch / epochs)^0.9. */
  readonly initialLearningRate: number;
  /** Epochs in which a falling share of the background is ignored; 0 ignores none. */
  readonly warmUpEpochs: number;
  readonly optimizer: SgdConfig;
  /** Images seen between two looks at the validation set. */
  readonly validateEveryImages: number;
}

/**
 * The study's training with 80,000 slices (synthetic ones, or real ones repeated to as many).
 *
 * @see The study's code, Segmentation/learning/lightning_module.py and train_from_folder_name.py.
 */
export const STUDY_SEGMENTATION = {
  images: 3.2e7,
  epochImages: 80_000,
  batchSize: 48,
  initialLearningRate: 2e-2, // the shipped script; names of reported models also say 5e-2
  warmUpEpochs: 5,
  optimizer: { momentum: 0.99, weightDecay: 3e-5, clipNorm: 12 },
  validateEveryImages: 80_000,
} as const satisfies SegmentationConfig;

/** Exponent of the learning rate's fall, as in nnU-Net and the study. */
const DECAY_POWER = 0.9;

/** The 0-based epoch once `imagesSeen` were seen. */
export function epochOf({ epochImages }: SegmentationConfig, imagesSeen: number): number {
  return Math.floor(imagesSeen / epochImages);
}

/** The learning rate once `imagesSeen` were seen: constant within an epoch. */
export function polynomialRate(config: SegmentationConfig, imagesSeen: number): number {
  const epochs = Math.max(1, Math.round(config.images / config.epochImages));
  const left = Math.max(0, 1 - epochOf(config, imagesSeen) / epochs);
  return config.initialLearningRate * left ** DECAY_POWER;
}

/** The share of background pixels that the loss ignores: 1 in the first epoch, falling to 0 after the warm-up. */
export function ignoredShare(config: SegmentationConfig, imagesSeen: number): number {
  const { warmUpEpochs } = config;
  return warmUpEpochs > 0 ? Math.max(0, 1 - epochOf(config, imagesSeen) / warmUpEpochs) : 0;
}

/**
 * Labels with each background pixel ignored with a probability of `share`, so that a network first learns
 * what tumours look like and not that there is none in most pixels.
 */
export function ignoreBackground(labels: Uint8Array, share: number, rng: Rng): Uint8Array {
  if (share <= 0) return labels;
  const draws = tf.tidy(() => rng.uniform<tf.Rank.R1>([labels.length]).dataSync());
  return labels.map((label, i) => (label === 0 && (draws[i] ?? 1) < share ? IGNORED_LABEL : label));
}

/** What a segmentation step trains and by what. */
export interface SegmentationStepParts {
  readonly gradient: GradientFunction;
  readonly optimizer: Optimizer;
}

/** The study's loss of a network and its gradient; its inputs are images and the three label tensors. */
export function segmentationGradient(
  network: UNet,
  params: Params,
  parameters: ParameterVector,
): GradientFunction {
  const weights = deepSupervisionWeights(network.config.depth - 1);
  return new GradientFunction(params, parameters, ([images, oneHot, counted, count]) => {
    const labels = { oneHot, counted, count } as LabelTensors;
    return segmentationLoss(network.apply(images as tf.Tensor4D), labels, weights);
  });
}

/**
 * One optimizer step on the study's loss.
 *
 * @param images Normalised sequences, [N, H, W, C].
 * @param labels Class index or IGNORED_LABEL of each pixel of the network's output, [N, H', W'] flattened.
 * @param rng Of this step alone.
 * @returns The loss before the step: 1 less than cross entropy at best.
 */
export function segmentationStep(
  { gradient: gradientOf, optimizer }: SegmentationStepParts,
  images: tf.Tensor4D,
  labels: Uint8Array,
  learningRate: number,
  rng: Rng,
): number {
  const { oneHot, counted, count } = labelTensors(labels, CLASS_COUNT);
  const { loss, gradient } = gradientOf.run([images, oneHot, counted, count], rng);
  const value = loss.dataSync()[0] ?? Number.NaN;
  // A step on a loss that is not finite would spoil weights that may still be looked at.
  if (Number.isFinite(value)) optimizer.step(gradient, learningRate);
  tf.dispose([oneHot, counted, count, loss, gradient]);
  return value;
}
