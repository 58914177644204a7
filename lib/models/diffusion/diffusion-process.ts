import * as tf from "../../backend/tf";
import type { Denoiser } from "./diffusion-unet";
import type { NoiseSchedule } from "./noise-schedule";

/** What the network is trained to give: the noise (the study) or the clean image (`predict_xstart`). */
export type PredictionTarget = "noise" | "image";

/**
 * x_t = sqrt(abar_t) x_0 + sqrt(1 - abar_t) eps: noisy images at given steps.
 *
 * @param x0 Clean images in [-1, 1], [N, H, W, C].
 * @param indices Positions in the schedule, length N.
 * @param noise Standard normal, [N, H, W, C].
 * @see Ho et al. 2020, arXiv 2006.11239, equation 4.
 */
export function addNoise(
  schedule: NoiseSchedule,
  x0: tf.Tensor4D,
  indices: ArrayLike<number>,
  noise: tf.Tensor4D,
): tf.Tensor4D {
  return tf.tidy(() => mixNoise(x0, noise, noiseLevels(schedule, indices)));
}

/** Shares of image and noise in noisy images, one a sample, [N, 1, 1, 1] each. */
export interface NoiseLevels {
  /** sqrt(abar_t) */
  readonly signal: tf.Tensor4D;
  /** sqrt(1 - abar_t) */
  readonly noise: tf.Tensor4D;
}

/** The levels of given steps, worked out in double precision. */
export function noiseLevels({ alphasCumprod }: NoiseSchedule, indices: ArrayLike<number>): NoiseLevels {
  const abar = Array.from(indices, (index) => alphasCumprod[index] ?? Number.NaN);
  const tensor = (level: (abar: number) => number): tf.Tensor4D =>
    tf.tensor4d(Float32Array.from(abar, level), [abar.length, 1, 1, 1]);
  return { signal: tensor(Math.sqrt), noise: tensor((a) => Math.sqrt(1 - a)) };
}

/** Images and noise, mixed at given levels, [N, H, W, C]. */
export function mixNoise(x0: tf.Tensor4D, noise: tf.Tensor4D, levels: NoiseLevels): tf.Tensor4D {
  return x0.mul(levels.signal).add<tf.Tensor4D>(noise.mul(levels.noise));
}

/** What the network believes of noisy images: the clean image and the noise, consistent with each other. */
export interface Prediction {
  /** [N, H, W, C], clipped to [-1, 1] where asked. */
  readonly x0: tf.Tensor4D;
  /** The noise that leads from `x0` to the noisy image, [N, H, W, C]. */
  readonly eps: tf.Tensor4D;
}

/**
 * Runs the network on images that are all at one step.
 *
 * @param index Position in the schedule.
 * @param clip Whether the clean image is clipped to [-1, 1] (`clip_denoised`).
 */
export function predict(
  denoiser: Denoiser,
  schedule: NoiseSchedule,
  target: PredictionTarget,
  xt: tf.Tensor4D,
  index: number,
  clip = true,
): Prediction {
  return tf.tidy(() => {
    const abar = schedule.alphasCumprod[index] ?? Number.NaN;
    const timesteps = tf.fill<tf.Rank.R1>([xt.shape[0]], schedule.timesteps[index] ?? index);
    const output = denoiser.apply(xt, timesteps);
    const image =
      target === "image"
        ? output
        : xt.div<tf.Tensor4D>(Math.sqrt(abar)).sub<tf.Tensor4D>(output.mul(Math.sqrt(1 / abar - 1)));
    const x0 = clip ? (tf.clipByValue(image, -1, 1) as tf.Tensor4D) : image;
    const eps = xt
      .div<tf.Tensor4D>(Math.sqrt(abar))
      .sub<tf.Tensor4D>(x0)
      .div<tf.Tensor4D>(Math.sqrt(1 / abar - 1));
    return { x0, eps };
  });
}
