import type { Rng } from "../backend/rng";
import * as tf from "../backend/tf";
import { InputError } from "../errors";
import { predict, type PredictionTarget } from "../models/diffusion/diffusion-process";
import type { Denoiser } from "../models/diffusion/diffusion-unet";
import {
  ddimSteps,
  karrasSteps,
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
  | { readonly kind: "ddim"; readonly steps: number }
  /** Fewer of them, as each goes by the last two predictions (DPM-Solver++ 2M). */
  | { readonly kind: "dpm-solver"; readonly steps: number };

/** What people call the methods. */
export const SAMPLING_TITLE: Readonly<Record<SamplingMethod["kind"], string>> = {
  ancestral: "ancestral",
  respaced: "ancestral, respaced",
  ddim: "DDIM",
  "dpm-solver": "DPM-Solver++(2M)",
};

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
    return respaced(full, SPACINGS[method.kind](full, method.steps));
  } catch (error) {
    if (error instanceof RangeError) throw new InputError(`${method.kind} sampling`, error.message);
    throw error;
  }
}

const SPACINGS = {
  respaced: ({ betas }: NoiseSchedule, count: number) => spacedSteps(betas.length, count),
  ddim: ({ betas }: NoiseSchedule, count: number) => ddimSteps(betas.length, count),
  "dpm-solver": karrasSteps,
} as const;

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
      const before = alphaBar(schedule, index - 1);
      return x0.mul(Math.sqrt(before)).add<tf.Tensor4D>(eps.mul(Math.sqrt(1 - before)));
    });
}

/**
 * DPM-Solver++(2M): DDIM's step, towards a clean image that is extrapolated from this prediction and the one before, in
 * the logarithm of signal over noise. The first and the last step are DDIM's. Of one batch alone, from the last index
 * of the schedule to 0, none left out.
 *
 * @see Lu et al. 2022, arXiv 2211.01095, algorithm 2.
 */
export function dpmSolverStep(
  denoiser: Denoiser,
  schedule: NoiseSchedule,
  target: PredictionTarget,
): ReverseStep {
  let earlier: tf.Tensor4D | undefined;
  return (xt, index) => {
    const { x, x0 } = tf.tidy(() => {
      const predicted = predict(denoiser, schedule, target, xt, index).x0;
      const aim =
        earlier === undefined || index === 0
          ? predicted
          : predicted.add<tf.Tensor4D>(predicted.sub(earlier).mul(extrapolation(schedule, index)));
      return { x: towards(schedule, xt, index, aim), x0: tf.keep(predicted) };
    });
    earlier?.dispose();
    earlier = x0;
    if (index === 0) x0.dispose();
    return x;
  };
}

/** How far beyond a prediction the next step aims, as a share of its distance from the one before: 1 / (2 r). */
function extrapolation(schedule: NoiseSchedule, index: number): number {
  const halfLogSnr = (at: number): number => {
    const abar = alphaBar(schedule, at);
    return Math.log(abar / (1 - abar)) / 2;
  };
  const [next, now, last] = [halfLogSnr(index - 1), halfLogSnr(index), halfLogSnr(index + 1)];
  return (next - now) / (2 * (now - last));
}

/** The noisy image of a step earlier, from x_t and the clean image that it leads to. */
function towards(schedule: NoiseSchedule, xt: tf.Tensor4D, index: number, x0: tf.Tensor4D): tf.Tensor4D {
  const [now, before] = [alphaBar(schedule, index), alphaBar(schedule, index - 1)];
  const noise = Math.sqrt((1 - before) / (1 - now));
  return xt.mul(noise).add<tf.Tensor4D>(x0.mul(Math.sqrt(before) - noise * Math.sqrt(now)));
}

/** alpha-bar at an index; 1, no noise, before the first. */
function alphaBar({ alphasCumprod }: NoiseSchedule, index: number): number {
  return index < 0 ? 1 : (alphasCumprod[index] ?? Number.NaN);
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

const STEPS = {
  ancestral: ancestralStep,
  respaced: ancestralStep,
  ddim: ddimStep,
  "dpm-solver": dpmSolverStep,
} as const;

/**
 * Draws one batch of images.
 *
 * @returns Images in [-1, 1], [N, H, W, C], N the number of seeds.
 */
export function sampleDiffusion(options: SampleOptions): tf.Tensor4D {
  const { denoiser, schedule, target, method, size, channels, seeds, rng } = options;
  const step = STEPS[method.kind](denoiser, schedule, target);
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
