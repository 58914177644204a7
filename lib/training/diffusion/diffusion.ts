import type { Rng } from "../../backend/rng";
import * as tf from "../../backend/tf";
import {
  mixNoise,
  noiseLevels,
  type NoiseLevels,
  type PredictionTarget,
} from "../../models/diffusion/diffusion-process";
import type { Denoiser } from "../../models/diffusion/diffusion-unet";
import type { NoiseSchedule } from "../../models/diffusion/noise-schedule";
import type { Params } from "../../models/params";
import { GradientFunction } from "../optimizers/gradients";
import type { Optimizer } from "../optimizers/optimizers";
import type { ParameterVector } from "../optimizers/parameter-vector";

/**
 * How much each sample's error counts: all alike (the simple loss of DDPM, the study's), or by the
 * signal-to-noise ratio of its step, kept within limits. With the image as target, low-noise steps carry the
 * detail but have tiny errors; counting them more sharpens the images sooner.
 *
 * @see Salimans and Ho 2022, arXiv 2202.00512 (lower limit); Hang et al. 2023, arXiv 2303.09556 (upper limit).
 */
export type LossWeighting = "simple" | { readonly leastSnr: number; readonly mostSnr: number };

/** What a batch is asked at: one step of the diffusion a sample. The caller disposes of the tensors. */
export interface DrawnSteps {
  readonly levels: NoiseLevels;
  /** Step numbers as the network is told them, [N]. */
  readonly timesteps: tf.Tensor1D;
  /** How much each sample's error counts, [N]. */
  readonly weights: tf.Tensor1D;
}

/** Draws a uniform step for each of N samples. */
export function drawSteps(
  schedule: NoiseSchedule,
  weighting: LossWeighting,
  samples: number,
  rng: Rng,
): DrawnSteps {
  const steps = schedule.betas.length;
  const indices = Int32Array.from(rng.fork("timesteps").uniforms(samples), (u) => Math.floor(u * steps));
  return {
    levels: noiseLevels(schedule, indices),
    timesteps: tf.tensor1d(
      indices.map((index) => schedule.timesteps[index] ?? index),
      "int32",
    ),
    weights: tf.tensor1d(lossWeights(schedule, weighting, indices)),
  };
}

/**
 * The simplified DDPM loss of one batch: the mean squared error of the prediction.
 *
 * @param images Clean images in [-1, 1], [N, H, W, C].
 * @param rng Draws the noise.
 * @see Ho et al. 2020, arXiv 2006.11239, equation 14.
 */
export function diffusionLoss(
  denoiser: Denoiser,
  target: PredictionTarget,
  images: tf.Tensor4D,
  { levels, timesteps, weights }: DrawnSteps,
  rng: Rng,
): tf.Scalar {
  const noise = rng.fork("noise").normal<tf.Rank.R4>(images.shape); // [N, H, W, C]
  const wanted = target === "noise" ? noise : images;
  const predicted = denoiser.apply(mixNoise(images, noise, levels), timesteps);
  const error = predicted.sub(wanted).square().mean<tf.Tensor1D>([1, 2, 3]); // [N]
  return error.mul(weights).mean<tf.Scalar>();
}

/** The loss of a denoiser and its gradient; its inputs are those of `diffusionStep`. */
export function diffusionGradient(
  denoiser: Denoiser,
  params: Params,
  parameters: ParameterVector,
  target: PredictionTarget,
): GradientFunction {
  return new GradientFunction(params, parameters, (inputs, rng) => {
    const [images, signal, noise] = inputs.slice(0, 3) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    const [timesteps, weights] = inputs.slice(3) as [tf.Tensor1D, tf.Tensor1D];
    return diffusionLoss(denoiser, target, images, { levels: { signal, noise }, timesteps, weights }, rng);
  });
}

/** What a diffusion step trains and by what. */
export interface DiffusionStepParts {
  /** Of `diffusionGradient`. */
  readonly gradient: GradientFunction;
  readonly optimizer: Optimizer;
  readonly schedule: NoiseSchedule;
  readonly weighting: LossWeighting;
}

/**
 * One optimizer step.
 *
 * @param images Clean images in [-1, 1], [N, H, W, C].
 * @param rng Of this step alone.
 * @returns The loss before the step.
 * @see Ho et al. 2020, arXiv 2006.11239, algorithm 1.
 */
export function diffusionStep(
  { gradient: gradientOf, optimizer, schedule, weighting }: DiffusionStepParts,
  images: tf.Tensor4D,
  learningRate: number,
  rng: Rng,
): number {
  const { levels, timesteps, weights } = drawSteps(schedule, weighting, images.shape[0], rng);
  const { signal, noise } = levels;
  const { loss, gradient } = gradientOf.run([images, signal, noise, timesteps, weights], rng);
  optimizer.step(gradient, learningRate);
  const value = loss.dataSync()[0] ?? Number.NaN;
  tf.dispose([signal, noise, timesteps, weights, loss, gradient]);
  return value;
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
