import type { Rng } from "../backend/rng";
import * as tf from "../backend/tf";
import { InputError } from "../errors";
import { predict, type PredictionTarget } from "../models/diffusion/diffusion-process";
import type { Denoiser } from "../models/diffusion/diffusion-unet";
import {
  ddimSteps,
  noiseSchedule,
  respaced,
  type NoiseSchedule,
  type ScheduleName,
} from "../models/diffusion/noise-schedule";

/** How images are drawn from a trained denoiser. */
export type SamplingMethod =
  /** Every step, with fresh noise and the variance beta (`FIXED_LARGE`): the study's way. */
  | { readonly kind: "ancestral" }
  /** The same over some evenly spaced steps (`timestep_respacing`). */
  | { readonly kind: "respaced"; readonly steps: number }
  /** Some evenly spaced steps without fresh noise. */
  | { readonly kind: "ddim"; readonly steps: number };

/** One step back: from x_t to x_(t-1). `index` counts down to 0 in the schedule given. */
export type ReverseStep = (xt: tf.Tensor4D, index: number, noise: () => tf.Tensor4D) => tf.Tensor4D;

/**
 * The schedule that a method visits.
 *
 * @throws InputError if the steps cannot be thinned to the number that is asked for.
 */
export function samplingSchedule(name: ScheduleName, steps: number, method: SamplingMethod): NoiseSchedule {
  const full = noiseSchedule(name, steps);
  if (method.kind === "ancestral") return full;
  try {
    return respaced(full, (method.kind === "ddim" ? ddimSteps : spacedSteps)(steps, method.steps));
  } catch (error) {
    if (error instanceof RangeError) throw new InputError(`${method.kind} sampling`, error.message);
    throw error;
  }
}

/** Evenly spaced steps from the first to the last (`space_timesteps("N")` of guided-diffusion). */
export function spacedSteps(total: number, count: number): Int32Array {
  if (!(count >= 2 && count <= total)) throw new RangeError(`${total} steps cannot be thinned to ${count}`);
  const stride = (total - 1) / (count - 1);
  return Int32Array.from({ length: count }, (_, i) => Math.round(i * stride));
}

/**
 * Ancestral sampling: x_(t-1) drawn from the posterior around the predicted clean image.
 *
 * @see Ho et al. 2020, arXiv 2006.11239, algorithm 2; `p_sample` with FIXED_LARGE of guided-diffusion.
 */
export function ancestralStep(
  denoiser: Denoiser,
  schedule: NoiseSchedule,
  target: PredictionTarget,
): ReverseStep {
  return (xt, index, noise) =>
    tf.tidy(() => {
      const mean = posteriorMean(schedule, predict(denoiser, schedule, target, xt, index).x0, xt, index);
      if (index === 0) return mean;
      return mean.add<tf.Tensor4D>(noise().mul(Math.exp(0.5 * fixedLargeLogVariance(schedule, index))));
    });
}

/** Mean of q(x_(t-1) | x_t, x_0), equation 7 of Ho et al. */
export function posteriorMean(
  schedule: NoiseSchedule,
  x0: tf.Tensor4D,
  xt: tf.Tensor4D,
  index: number,
): tf.Tensor4D {
  const coef1 = schedule.posteriorMeanCoef1[index] ?? Number.NaN;
  const coef2 = schedule.posteriorMeanCoef2[index] ?? Number.NaN;
  return tf.tidy(() => x0.mul(coef1).add<tf.Tensor4D>(xt.mul(coef2)));
}

/** log beta_t; at the first step the posterior variance of the second, as the reference has it. */
export function fixedLargeLogVariance(schedule: NoiseSchedule, index: number): number {
  const variance = index === 0 ? schedule.posteriorVariance[1] : schedule.betas[index];
  return Math.log(variance ?? Number.NaN);
}

/**
 * Deterministic DDIM step (eta 0).
 *
 * @see Song et al. 2021, arXiv 2010.02502, equation 12.
 */
export function ddimStep(denoiser: Denoiser, schedule: NoiseSchedule, target: PredictionTarget): ReverseStep {
  return (xt, index) =>
    tf.tidy(() => {
      const { x0, eps } = predict(denoiser, schedule, target, xt, index);
      const before = index === 0 ? 1 : (schedule.alphasCumprod[index - 1] ?? Number.NaN);
      return x0.mul(Math.sqrt(before)).add<tf.Tensor4D>(eps.mul(Math.sqrt(1 - before)));
    });
}

export interface SampleOptions {
  readonly denoiser: Denoiser;
  readonly schedule: NoiseSchedule;
  readonly target: PredictionTarget;
  readonly method: SamplingMethod;
  /** Height and width. */
  readonly size: number;
  readonly channels: number;
  /** Names the images: each is drawn from its own number, whatever batch it is in. */
  readonly seeds: readonly number[];
  readonly rng: Rng;
}

/**
 * Draws one batch of images.
 *
 * @returns Images in [-1, 1], [N, H, W, C], N the number of seeds.
 */
export function sampleDiffusion(options: SampleOptions): tf.Tensor4D {
  const { denoiser, schedule, target, method, size, channels, seeds, rng } = options;
  const step = (method.kind === "ddim" ? ddimStep : ancestralStep)(denoiser, schedule, target);
  const draw = (label: string | number) =>
    tf.tidy(() =>
      tf.stack(seeds.map((seed) => rng.fork(seed, label).normal<tf.Rank.R3>([size, size, channels]))),
    ) as tf.Tensor4D;
  let x = draw("start");
  for (let index = schedule.betas.length - 1; index >= 0; index--) {
    const next = step(x, index, () => draw(index));
    x.dispose();
    x = next;
  }
  return x;
}
