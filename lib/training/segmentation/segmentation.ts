import type { Rng } from "../../backend/rng";
import * as tf from "../../backend/tf";
import { ADAM_DEFAULTS, type AdamConfig, type SgdConfig } from "../optimizers/optimizers";
import { IGNORED_LABEL } from "./segmentation-loss";

/** How much a segmentation network sees, and how often it is looked at. */
export interface SegmentationBudget {
  /** Images seen in all. */
  readonly images: number;
  readonly batchSize: number;
  /** Images seen between two looks at the validation set. */
  readonly validateEveryImages: number;
}

/** How the study's U-Net is trained; the study's own values stand in STUDY_SEGMENTATION. */
export interface SegmentationConfig extends SegmentationBudget {
  /** Images that count as one epoch, the step of the schedules below. */
  readonly epochImages: number;
  /** Learning rate of the first epoch; it falls as (1 - epoch / epochs)^0.9. */
  readonly initialLearningRate: number;
  /** Epochs in which a falling share of the background is ignored; 0 ignores none. */
  readonly warmUpEpochs: number;
  readonly optimizer: SgdConfig;
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

/** How the study's Swin transformer is trained; the study's own values stand in STUDY_SWIN_SEGMENTATION. */
export interface SwinSegmentationConfig extends SegmentationBudget {
  /** Learning rate before the fall to 0 at the last step. */
  readonly initialLearningRate: number;
  /** The rate falls as (1 - step / steps)^decayPower. */
  readonly decayPower: number;
  /** Steps over which the rate rises linearly from `ratio` times its value. */
  readonly warmUp: { readonly steps: number; readonly ratio: number };
  /** Weight of the auxiliary head's loss beside the decoder's 1. */
  readonly auxiliaryWeight: number;
  /** The transformer's norms and biases of relative positions are exempt from the decay. */
  readonly optimizer: AdamConfig & { readonly weightDecay: number };
}

/**
 * The study's training, with 25 epochs of 80,000 slices: how many an epoch had is not published in the sources at
 * hand. Rate, warm-up, optimizer, losses and batch as in the study's code.
 *
 * @see The study's code, Segmentation-transformer/swin_base_brats2021.py; the rate's fall and rise as in mmcv 1,
 * runner/hooks/lr_updater.py ("poly" by iteration; the study's own policy "epochpoly" is not shipped).
 */
export const STUDY_SWIN_SEGMENTATION = {
  images: 25 * 80_000,
  batchSize: 8,
  initialLearningRate: 6e-5,
  decayPower: 1,
  warmUp: { steps: 1500, ratio: 1e-6 },
  auxiliaryWeight: 0.4,
  optimizer: { ...ADAM_DEFAULTS, weightDecay: 0.01 }, // betas 0.9 and 0.999
  validateEveryImages: 80_000,
} as const satisfies SwinSegmentationConfig;

/** Exponent of the learning rate's fall, as in nnU-Net and the study. */
const DECAY_POWER = 0.9;

/** The number of steps of a training. */
export function stepsOf({ images, batchSize }: SegmentationBudget): number {
  return Math.ceil(images / batchSize);
}

/** The 0-based epoch once `imagesSeen` were seen. */
export function epochOf({ epochImages }: SegmentationConfig, imagesSeen: number): number {
  return Math.floor(imagesSeen / epochImages);
}

/** The U-Net's learning rate once `imagesSeen` were seen: constant within an epoch. */
export function polynomialRate(config: SegmentationConfig, imagesSeen: number): number {
  const epochs = Math.max(1, Math.round(config.images / config.epochImages));
  const left = Math.max(0, 1 - epochOf(config, imagesSeen) / epochs);
  return config.initialLearningRate * left ** DECAY_POWER;
}

/** The Swin's learning rate in a step, counted from 0. */
export function warmedRate(config: SwinSegmentationConfig, step: number): number {
  const { steps, ratio } = config.warmUp;
  const rate = config.initialLearningRate * (1 - step / stepsOf(config)) ** config.decayPower;
  return step < steps ? rate * (1 - (1 - step / steps) * (1 - ratio)) : rate;
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
