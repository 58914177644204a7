import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { InputError } from "../../lib/errors";
import { predict } from "../../lib/models/diffusion/diffusion-process";
import type { Denoiser } from "../../lib/models/diffusion/diffusion-unet";
import { noiseSchedule } from "../../lib/models/diffusion/noise-schedule";
import {
  ancestralStep,
  ddimStep,
  dpmSolverStep,
  fixedLargeLogVariance,
  posteriorMean,
  sampleDiffusion,
  samplingSchedule,
  spacedSteps,
  type SampleOptions,
} from "../../lib/sampling/diffusion-sampler";
import { guidedDiffusionUNet, ReferenceCase } from "../models/reference-case";
import { near } from "../near";

const test = suite("diffusion sampler");

/** One sample of a batch, [1, H, W, C]. */
const sample = (images: tf.Tensor4D, n: number) => images.slice<tf.Tensor4D>([n], [1]);

test.before(async () => {
  await startBackend({ precision: "float32" });
});

for (const [name, steps] of [
  ["linear", 1000],
  ["linear", 4000],
  ["cosine", 1000],
] as const) {
  test(`has guided-diffusion's posterior mean and variance, ${name} ${steps}`, () => {
    const reference = new ReferenceCase(`openai-diffusion-step-${name}-${steps}`);
    const { network, params } = guidedDiffusionUNet();
    const schedule = noiseSchedule(name, steps);
    tf.tidy(() => {
      const xt = reference.images("in.x_t");
      const [means, variances] = [reference.images("out.mean"), reference.images("out.log_variance")];
      reference.integers("in.t").forEach((t, n) => {
        const { x0 } = predict(network, schedule, "noise", sample(xt, n), t);
        near(posteriorMean(schedule, x0, sample(xt, n), t), sample(means, n), 1e-4, `mean at ${t}`);
        const expected = sample(variances, n).dataSync();
        const actual = new Float32Array(expected.length).fill(fixedLargeLogVariance(schedule, t));
        near(actual, expected, 1e-6, `log variance at ${t}`);
      });
    });
    params.dispose();
  });
}

test("draws guided-diffusion's whole ddim10 sample", () => {
  const reference = new ReferenceCase("openai-diffusion-ddim10-linear-1000");
  const { network, params } = guidedDiffusionUNet();
  const schedule = samplingSchedule("linear", 1000, { kind: "ddim", steps: 10 });
  const step = ddimStep(network, schedule, "noise");
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    let x = reference.images("in.x_T");
    for (let index = 9; index >= 0; index--) x = step(x, index, () => x);
    // The first step, of which sqrt(1 / abar - 1) is 61, enlarges the network's rounding error of 1e-5.
    near(x, reference.images("out.sample"), 3e-4);
  });
  assert.is(tf.memory().numTensors, before);
  params.dispose();
});

test("uses the second posterior variance at the first step and beta at all others", () => {
  const schedule = noiseSchedule("linear", 100);
  assert.is(fixedLargeLogVariance(schedule, 0), Math.log(schedule.posteriorVariance[1] ?? 0));
  assert.is(fixedLargeLogVariance(schedule, 99), Math.log(schedule.betas[99] ?? 0));
});

test("adds noise of deviation sqrt(beta) at every ancestral step but the last", () => {
  const schedule = noiseSchedule("linear", 100);
  const denoiser: Denoiser = { apply: (x) => x.mul(0.1) };
  const step = ancestralStep(denoiser, schedule, "noise");
  tf.tidy(() => {
    const xt = Rng.fromSeed(1).normal<tf.Rank.R4>([1, 4, 4, 2]);
    const noise = Rng.fromSeed(2).normal<tf.Rank.R4>([1, 4, 4, 2]);
    const still = step(xt, 50, () => tf.zerosLike(noise));
    near(step(xt, 50, () => noise).sub(still), noise.mul(Math.sqrt(schedule.betas[50] ?? 0)), 1e-6);
    assert.not.throws(() =>
      step(xt, 0, () => {
        throw new Error("noise was drawn at the last step");
      }),
    );
  });
});

/** A network that knows the clean image and gives the noise that separates it from x_t. */
function oracle(clean: tf.Tensor4D, steps: number): Denoiser {
  const { alphasCumprod } = noiseSchedule("linear", steps);
  return {
    apply: (xt, timesteps) => {
      const abar = alphasCumprod[timesteps.dataSync()[0] ?? 0] ?? 1;
      return xt.sub(clean.mul(Math.sqrt(abar))).div(Math.sqrt(1 - abar));
    },
  };
}

for (const method of [
  { kind: "ancestral" },
  { kind: "ddim", steps: 10 },
  { kind: "dpm-solver", steps: 10 },
] as const) {
  test(`arrives at the clean image where the network knows the noise, ${method.kind}`, () => {
    tf.tidy(() => {
      const clean = tf.linspace(-1, 1, 32).reshape<tf.Tensor4D>([1, 4, 4, 2]);
      const options = { ...small([3]), denoiser: oracle(clean, 100), method };
      const schedule = samplingSchedule("linear", 100, method);
      // x0 is predicted exactly at each step, and the last step is x0 itself.
      near(sampleDiffusion({ ...options, schedule }), clean, 1e-4);
    });
  });
}

/**
 * Clean images that are normal, of one mean and deviation everywhere: their best denoiser is linear, and so the
 * equation that DDIM and DPM-Solver approximate has a solution: noise and image keep their standard score.
 */
const [MEAN, DEVIATION] = [0.1, 0.2];
/** So many that the steps kept stand nearly where they should. */
const TOTAL = 20_000;
const spreadAt = (abar: number): number => Math.sqrt(abar * DEVIATION ** 2 + 1 - abar);

function errorOf(kind: "ddim" | "dpm-solver", steps: number): number {
  const schedule = samplingSchedule("cosine", TOTAL, { kind: "dpm-solver", steps });
  const full = noiseSchedule("cosine", TOTAL);
  const denoiser: Denoiser = {
    apply: (xt, timesteps) => {
      const abar = full.alphasCumprod[timesteps.dataSync()[0] ?? 0] ?? Number.NaN;
      const gain = (Math.sqrt(abar) * DEVIATION ** 2) / spreadAt(abar) ** 2;
      return xt
        .sub<tf.Tensor4D>(Math.sqrt(abar) * MEAN)
        .mul<tf.Tensor4D>(gain)
        .add<tf.Tensor4D>(MEAN);
    },
  };
  const step = { ddim: ddimStep, "dpm-solver": dpmSolverStep }[kind](denoiser, schedule, "image");
  const score = tf.linspace(-1.5, 1.5, 7).reshape<tf.Tensor4D>([1, 1, 7, 1]);
  const last = schedule.alphasCumprod[steps - 1] ?? Number.NaN;
  let x = score.mul<tf.Tensor4D>(spreadAt(last)).add<tf.Tensor4D>(Math.sqrt(last) * MEAN);
  for (let index = steps - 1; index >= 0; index--) x = step(x, index, () => x);
  // At the first index the denoiser gives the mean of the clean image, which is nearly what a step of no noise would.
  const exact = score.mul<tf.Tensor4D>(DEVIATION).add<tf.Tensor4D>(MEAN);
  return x.sub(exact).abs().max().dataSync()[0] ?? Number.NaN;
}

test("DPM-Solver's error falls with the square of its steps, where DDIM's falls with their number", () => {
  const ratios = (kind: "ddim" | "dpm-solver"): readonly number[] => {
    const errors = tf.tidy(() => [20, 40, 80].map((steps) => errorOf(kind, steps)));
    return errors.slice(1).map((error, i) => (errors[i] ?? Number.NaN) / error);
  };
  for (const ratio of ratios("dpm-solver")) assert.ok(ratio > 3.5 && ratio < 5, String(ratio));
  for (const ratio of ratios("ddim")) assert.ok(ratio > 1.8 && ratio < 2.2, String(ratio));
});

test("DPM-Solver keeps no prediction once a batch is drawn", () => {
  const schedule = samplingSchedule("linear", 50, { kind: "dpm-solver", steps: 10 });
  const before = tf.memory().numTensors;
  sampleDiffusion({ ...small([1, 2]), method: { kind: "dpm-solver", steps: 10 }, schedule }).dispose();
  assert.is(tf.memory().numTensors, before);
});

/** A sampler of 4x4 images of two channels with a simple network of which noise decides the result. */
function small(seeds: readonly number[]): SampleOptions {
  const method = { kind: "ancestral" } as const;
  return {
    denoiser: { apply: (x) => tf.sin(x.mul<tf.Tensor4D>(0.5)) },
    schedule: samplingSchedule("linear", 50, method),
    target: "noise",
    method,
    size: 4,
    channels: 2,
    seeds,
    rng: Rng.fromSeed(7),
  };
}

test("draws each image from its own number, whatever batch it is in", () => {
  tf.tidy(() => {
    const together = sampleDiffusion(small([4, 9, 1]));
    assert.equal(together.shape, [3, 4, 4, 2]);
    [4, 9, 1].forEach((seed, n) => {
      near(sample(together, n), sampleDiffusion(small([seed])), 1e-6);
    });
    const [first, second] = [sample(together, 0), sample(together, 1)];
    assert.ok((first.sub(second).abs().max().dataSync()[0] ?? 0) > 0.1);
  });
});

test("gives the same bytes again, and leaves one tensor behind", () => {
  const before = tf.memory().numTensors;
  const [a, b] = [sampleDiffusion(small([1, 2])), sampleDiffusion(small([1, 2]))];
  assert.equal(a.dataSync(), b.dataSync());
  assert.is(tf.memory().numTensors, before + 2);
  tf.dispose([a, b]);
});

test("visits every step ancestrally and the thinned ones with DDIM", () => {
  assert.is(samplingSchedule("cosine", 100, { kind: "ancestral" }).betas.length, 100);
  const { timesteps } = samplingSchedule("cosine", 100, { kind: "ddim", steps: 4 });
  assert.equal([...timesteps], [0, 25, 50, 75]);
});

test("respaced sampling visits evenly spaced steps, the first and the last among them", () => {
  // space_timesteps(10, "4") of guided-diffusion: 0, 3, 6, 9; (100, "4"): 0, 33, 66, 99.
  assert.equal([...spacedSteps(10, 4)], [0, 3, 6, 9]);
  assert.equal([...spacedSteps(100, 4)], [0, 33, 66, 99]);
  const { timesteps } = samplingSchedule("cosine", 100, { kind: "respaced", steps: 100 });
  assert.is(timesteps.length, 100);
  const refused = () => samplingSchedule("cosine", 100, { kind: "respaced", steps: 101 });
  assert.throws(refused, (error: unknown) => error instanceof InputError);
});

test.run();
