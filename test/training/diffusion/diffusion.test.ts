import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { imagesToTensor } from "../../../lib/data/batches";
import type { PredictionTarget } from "../../../lib/models/diffusion/diffusion-process";
import type { Denoiser } from "../../../lib/models/diffusion/diffusion-unet";
import { DiffusionUNet } from "../../../lib/models/diffusion/diffusion-unet";
import { noiseSchedule, respaced, type NoiseSchedule } from "../../../lib/models/diffusion/noise-schedule";
import { Params } from "../../../lib/models/params";
import {
  diffusionGradient,
  diffusionLoss,
  diffusionStep,
  drawSteps,
  lossWeights,
  type DiffusionStepParts,
} from "../../../lib/training/diffusion/diffusion";
import { Adam } from "../../../lib/training/optimizers/optimizers";
import { ParameterVector } from "../../../lib/training/optimizers/parameter-vector";
import { near } from "../../near";
import { TINY_DIFFUSION, tinySlices } from "../tiny-diffusion";

const test = suite("diffusion training step");

const schedule = noiseSchedule("linear", 1000);
const rng = Rng.fromSeed(8);

test.before(async () => {
  await startBackend({ precision: "float32" });
});

/** The tiny network with its optimizer. */
function tinyParts() {
  const params = new Params(rng.fork("initial"));
  const denoiser = new DiffusionUNet(params, TINY_DIFFUSION.network);
  const parameters = new ParameterVector(params);
  const step: DiffusionStepParts = {
    gradient: diffusionGradient(denoiser, params, parameters, "noise"),
    schedule,
    weighting: "simple",
    optimizer: new Adam(parameters),
  };
  return { params, denoiser, parameters, step };
}

/** The loss of a batch with steps and noise drawn from `from`. */
function lossOf(
  denoiser: Denoiser,
  target: PredictionTarget,
  images: tf.Tensor4D,
  from: Rng,
  of: NoiseSchedule = schedule,
): tf.Scalar {
  return tf.tidy(() =>
    diffusionLoss(denoiser, target, images, drawSteps(of, "simple", images.shape[0], from), from),
  );
}

/** A denoiser that gives zeros and keeps what it was asked. */
function listener(): Denoiser & { readonly asked: { xt: Float32Array; timesteps: number[] }[] } {
  const asked: { xt: Float32Array; timesteps: number[] }[] = [];
  return {
    asked,
    apply: (xt, timesteps) => {
      asked.push({ xt: xt.dataSync().slice() as Float32Array, timesteps: [...timesteps.dataSync()] });
      return tf.zerosLike(xt);
    },
  };
}

test("asks for the noise in images at uniform steps, one for each image", () => {
  const images = rng
    .fork("images")
    .uniform<tf.Rank.R4>([400, 2, 2, 1])
    .mul<tf.Tensor4D>(2)
    .sub<tf.Tensor4D>(1);
  const denoiser = listener();
  const loss = lossOf(denoiser, "noise", images, rng.fork("step"));
  const [{ xt, timesteps }] = denoiser.asked as [{ xt: Float32Array; timesteps: number[] }];
  assert.ok(timesteps.every((t) => Number.isInteger(t) && t >= 0 && t < 1000));
  // Mean 499.5, deviation 1000 / sqrt(12) = 289, over 400: five standard errors are 72.
  assert.ok(Math.abs(timesteps.reduce((a, b) => a + b, 0) / 400 - 499.5) < 72);
  assert.ok(new Set(timesteps).size > 250);

  // The noise follows from x_t, x_0 and t; a network that gives 0 has its mean square as loss.
  const clean = images.dataSync();
  const eps = Float64Array.from(xt, (value, i) => {
    const abar = schedule.alphasCumprod[timesteps[Math.floor(i / 4)] ?? 0] ?? 1;
    return (value - Math.sqrt(abar) * (clean[i] ?? 0)) / Math.sqrt(1 - abar);
  });
  near(loss, [eps.reduce((sum, e) => sum + e * e, 0) / eps.length], 1e-4);
  // 1600 squares of normal numbers: 1 +- 5 sqrt(2 / 1600).
  assert.ok(Math.abs((loss.dataSync()[0] ?? 0) - 1) < 0.18);
  tf.dispose([images, loss]);
});

test("has the images themselves as target where images are predicted", () => {
  const images = tf.fill<tf.Rank.R4>([3, 2, 2, 1], 0.5);
  const loss = lossOf(listener(), "image", images, rng);
  near(loss, [0.25], 1e-6);
});

test("weighs samples by their signal-to-noise ratio within the limits", () => {
  const snr = [0, 400, 999].map((t) => {
    const abar = schedule.alphasCumprod[t] ?? Number.NaN;
    return abar / (1 - abar);
  });
  assert.ok((snr[0] ?? 0) > 5 && (snr[2] ?? 1) < 0.25);
  const weights = lossWeights(schedule, { leastSnr: 0.25, mostSnr: 5 }, Int32Array.of(0, 400, 999));
  near(weights, [5, Math.min(5, Math.max(0.25, snr[1] ?? Number.NaN)), 0.25], 1e-6);
  assert.equal([...lossWeights(schedule, "simple", Int32Array.of(0, 999))], [1, 1]);
});

test("tells the network the step numbers of the full schedule", () => {
  const denoiser = listener();
  const few = respaced(schedule, Int32Array.of(100, 900));
  lossOf(denoiser, "noise", tf.zeros([50, 2, 2, 1]), rng, few);
  assert.equal([...new Set(denoiser.asked[0]?.timesteps)].sort(), [100, 900]);
});

test("starts near a loss of 1, moves every variable and frees what it made", () => {
  const { parameters, params, step } = tinyParts();
  const images = imagesToTensor(tinySlices(), [0, 1, 2, 3]);
  const start = new Map([...params.variables].map(([path, v]) => [path, v.dataSync().slice()]));
  // The network starts as the zero map of the noise; gradients pass its last layers only after some steps.
  const losses = [diffusionStep(step, images, 1e-3, rng.fork(0))];
  const before = tf.memory().numTensors;
  losses.push(...[1, 2].map((i) => diffusionStep(step, images, 1e-3, rng.fork(i))));
  assert.ok(Math.abs((losses[0] ?? 0) - 1) < 0.15, `${losses[0]}`);
  assert.ok(losses.every(Number.isFinite));
  assert.is(tf.memory().numTensors, before);
  parameters.writeTo();
  for (const [path, variable] of params.variables)
    assert.not.equal(variable.dataSync(), start.get(path), path);
  [step.gradient, step.optimizer, parameters, params].forEach((owner) => {
    owner.dispose();
  });
  images.dispose();
});

test("draws the same for the same Rng and gives the loss before the step", () => {
  const images = imagesToTensor(tinySlices(), [0, 1]);
  const [one, two] = [tinyParts(), tinyParts()];
  const before = lossOf(one.denoiser, "noise", images, rng.fork("a")).dataSync();
  near([diffusionStep(one.step, images, 1e-3, rng.fork("a"))], before, 1e-6);
  near([diffusionStep(two.step, images, 1e-3, rng.fork("a"))], before, 1e-6);
  assert.equal(one.parameters.values.dataSync(), two.parameters.values.dataSync());
});

test.run();
