import { z } from "zod";
import * as tf from "../backend/tf";
import { InputError } from "../errors";
import { addNoise, predict } from "../models/diffusion/diffusion-process";
import type { Denoiser } from "../models/diffusion/diffusion-unet";
import { noiseSchedule, type NoiseSchedule } from "../models/diffusion/noise-schedule";
import {
  ddimStep,
  fixedLargeLogVariance,
  posteriorMean,
  samplingSchedule,
} from "../sampling/diffusion-sampler";
import { FORMULA, FORWARD, imageOutput, tensorOutput, type ComputedOutput } from "./comparison";
import { guidedDiffusion } from "./guided-diffusion";
import { parseSettings, type BuiltNetwork } from "./network-kind";
import type { ReferenceCase } from "./reference-case";

/** Rounding of a predicted noise between processors: 16 units of float32 in values of about five. */
const NOISE_ROUNDING = 1e-5;

const scheduleSchema = z.object({
  schedule: z.enum(["linear", "cosine"]),
  steps: z.int().min(2).max(100_000),
});
const ddimSchema = scheduleSchema.extend({ ddim_steps: z.int().min(1), eta: z.literal(0).default(0) });

/** The coefficients of `GaussianDiffusion`, stored in float32. */
export function* diffusionCoefficients(reference: ReferenceCase): Iterable<ComputedOutput> {
  const { schedule, steps } = settings(reference, scheduleSchema);
  const computed = madeWith(reference, () => noiseSchedule(schedule, steps));
  const byName = {
    betas: computed.betas,
    alphas_cumprod: computed.alphasCumprod,
    posterior_variance: computed.posteriorVariance,
    posterior_log_variance_clipped: computed.posteriorLogVarianceClipped,
    posterior_mean_coef1: computed.posteriorMeanCoef1,
    posterior_mean_coef2: computed.posteriorMeanCoef2,
  };
  for (const [name, values] of Object.entries(byName))
    yield { name, shape: [steps], values, tolerance: FORMULA };
}

/** One step of `GaussianDiffusion` with FIXED_LARGE variance: training loss, and what a reverse step starts from. */
export function* diffusionStep(reference: ReferenceCase): Iterable<ComputedOutput> {
  const { schedule: name, steps } = settings(reference, scheduleSchema);
  const schedule = madeWith(reference, () => noiseSchedule(name, steps));
  const built = denoiserOf(reference);
  try {
    const x0 = reference.images("x0", null);
    const t = reference.integers("t", x0.shape[0]);
    if (!t.every((step) => step >= 0 && step < steps))
      throw new InputError(reference.path, `has steps that are none of ${steps}`);
    const eps = like(reference, "eps", x0);
    const noisy = addNoise(schedule, x0, t, eps);
    yield imageOutput("q_sample", noisy);
    const error = built.network.apply(noisy, tf.tensor1d(t, "int32")).sub(eps);
    const mse = error.square().mean([1, 2, 3]);
    yield tensorOutput("mse", mse);
    yield tensorOutput("loss", mse);
    yield* reverseOutputs(built.network, schedule, like(reference, "x_t", x0), t);
  } finally {
    built.params.dispose();
  }
}

/** `p_mean_variance` with clipping, sample by sample, since each has a step of its own. */
function* reverseOutputs(
  network: Denoiser,
  schedule: NoiseSchedule,
  xt: tf.Tensor4D,
  t: Int32Array,
): Iterable<ComputedOutput> {
  const clean: tf.Tensor4D[] = [];
  const means: tf.Tensor4D[] = [];
  const logVariances: tf.Tensor4D[] = [];
  for (const [n, step] of t.entries()) {
    const sample = xt.slice<tf.Tensor4D>([n], [1]);
    const { x0 } = predict(network, schedule, "noise", sample, step);
    clean.push(x0);
    means.push(posteriorMean(schedule, x0, sample, step));
    logVariances.push(tf.fill(sample.shape, fixedLargeLogVariance(schedule, step)));
  }
  // Late steps multiply the rounding of the predicted noise.
  const amplified = Math.max(
    ...Array.from(t, (step) => Math.sqrt(1 / (schedule.alphasCumprod[step] ?? 1) - 1)),
  );
  const limit = Math.max(FORWARD.limit, NOISE_ROUNDING * amplified);
  yield imageOutput("pred_xstart", tf.concat4d(clean, 0), { ...FORWARD, limit });
  yield imageOutput("mean", tf.concat4d(means, 0));
  yield imageOutput("log_variance", tf.concat4d(logVariances, 0));
}

/** A whole deterministic sample of `SpacedDiffusion` (DDIM, eta 0, clipped). */
export function* ddimSample(reference: ReferenceCase): Iterable<ComputedOutput> {
  const { schedule: name, steps, ddim_steps: kept } = settings(reference, ddimSchema);
  const schedule = madeWith(reference, () => samplingSchedule(name, steps, { kind: "ddim", steps: kept }));
  const built = denoiserOf(reference);
  try {
    const step = ddimStep(built.network, schedule, "noise");
    let x = reference.images("x_T", null);
    for (let index = schedule.betas.length - 1; index >= 0; index--) {
      const next = step(x, index, () => tf.zerosLike(x));
      x.dispose();
      x = next;
    }
    yield imageOutput("sample", x);
  } finally {
    built.params.dispose();
  }
}

/** The network whose weights the case has, or those of the case that it names, in the same folder. */
function denoiserOf(reference: ReferenceCase): BuiltNetwork<Denoiser> {
  const { network } = settings(reference, z.object({ network: z.string().optional() }));
  const source =
    reference.weights.size > 0 ? reference : reference.sibling(network ?? guidedDiffusion.reference);
  return guidedDiffusion.fromReference(source.path, source.weights, source.meta);
}

/** An input of the shape of another one. */
function like(reference: ReferenceCase, name: string, other: tf.Tensor4D): tf.Tensor4D {
  const images = reference.images(name, other.shape[3]);
  if (!tf.util.arraysEqual(images.shape, other.shape))
    throw new InputError(reference.path, `in.${name} is not of the shape of the other inputs`);
  return images;
}

function settings<T>(reference: ReferenceCase, schema: z.ZodType<T>): T {
  return parseSettings(schema, reference.path, reference.meta);
}

/** A schedule; settings that give none are the file's fault. */
function madeWith(reference: ReferenceCase, make: () => NoiseSchedule): NoiseSchedule {
  try {
    return make();
  } catch (error) {
    throw error instanceof RangeError ? new InputError(reference.path, error.message) : error;
  }
}
