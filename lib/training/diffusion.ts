import type { Rng } from "../backend/rng";
import * as tf from "../backend/tf";
import { addNoise, type PredictionTarget } from "../models/diffusion-process";
import type { Denoiser } from "../models/diffusion-unet";
import type { NoiseSchedule } from "../models/noise-schedule";
import type { Params } from "../models/params";
import { variableGradients } from "./gradients";
import type { Optimizer } from "./optimizers";

/**
 * How much each sample's error counts: all alike (the simple loss of DDPM, the study's), or by the
 * signal-to-noise ratio of its step, kept within limits. With the image as target, low-noise steps carry the
 * detail but have tiny errors; counting them more sharpens the images sooner.
 *
 * @see Salimans and Ho 2022, arXiv 2202.00512 (lower limit); Hang et al. 2023, arXiv 2303.09556 (upper limit).
 */
export type LossWeighting = "simple" | { readonly leastSnr: number; readonly mostSnr: number };

/** What a diffusion step trains and by what. */
export interface DiffusionStepParts {
  readonly denoiser: Denoiser;
  readonly params: Params;
  readonly schedule: NoiseSchedule;
  readonly target: PredictionTarget;
  readonly weighting: LossWeighting;
  readonly optimizer: Optimizer;
}

/**
 * One optimizer step on the simplified DDPM loss: uniform timesteps, mean squared error of the prediction.
 *
 * @param images Clean images in [-1, 1], [N, H, W, C].
 * @param rng Of this step alone.
 * @returns The loss before the step.
 * @see Ho et al. 2020, arXiv 2006.11239, algorithm 1 and equation 14.
 */
export function diffusionStep(
  parts: DiffusionStepParts,
  images: tf.Tensor4D,
  learningRate: number,
  rng: Rng,
): number {
  const { params, optimizer } = parts;
  const { loss, gradients } = variableGradients(params, () => diffusionLoss(parts, images, rng));
  optimizer.step(gradients, learningRate);
  const value = loss.dataSync()[0] ?? Number.NaN;
  tf.dispose([loss, ...gradients.values()]);
  return value;
}

/** The loss of one batch with the draws of `rng`. */
export function diffusionLoss(
  { denoiser, schedule, target, weighting }: Omit<DiffusionStepParts, "optimizer" | "params">,
  images: tf.Tensor4D,
  rng: Rng,
): tf.Scalar {
  const [samples] = images.shape;
  // Draw a step and a noise image for each sample.
  const steps = schedule.betas.length;
  const indices = Int32Array.from(rng.fork("timesteps").uniforms(samples), (u) => Math.floor(u * steps));
  const timesteps = tf.tensor1d(
    indices.map((index) => schedule.timesteps[index] ?? index),
    "int32",
  ); // [N]
  const noise = rng.fork("noise").normal<tf.Rank.R4>(images.shape); // [N, H, W, C]

  const xt = addNoise(schedule, images, indices, noise);
  const wanted = target === "noise" ? noise : images;
  const error = denoiser.apply(xt, timesteps).sub(wanted).square().mean<tf.Tensor1D>([1, 2, 3]); // [N]
  return error.mul(tf.tensor1d(lossWeights(schedule, weighting, indices))).mean<tf.Scalar>();
}

/** The weight of each sample, [N]. */
export function lossWeights(
  schedule: NoiseSchedule,
  weighting: LossWeighting,
  indices: Int32Array,
): Float32Array {
  if (weighting === "simple") return new Float32Array(indices.length).fill(1);
  return Float32Array.from(indices, (index) => {
    const abar = schedule.alphasCumprod[index] ?? Number.NaN;
    return Math.min(weighting.mostSnr, Math.max(weighting.leastSnr, abar / (1 - abar)));
  });
}
