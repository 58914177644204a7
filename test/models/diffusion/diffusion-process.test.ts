import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { addNoise, predict } from "../../../lib/models/diffusion/diffusion-process";
import type { Denoiser } from "../../../lib/models/diffusion/diffusion-unet";
import { noiseSchedule } from "../../../lib/models/diffusion/noise-schedule";
import { near } from "../../near";
import { guidedDiffusionUNet, ReferenceCase } from "../reference-case";

const test = suite("diffusion process");

const CASES = [
  ["linear", 1000],
  ["linear", 4000],
  ["cosine", 1000],
] as const;

/** One sample of a batch, [1, H, W, C]. */
const sample = (images: tf.Tensor4D, n: number) => images.slice<tf.Tensor4D>([n], [1]);

test.before(async () => {
  await startBackend({ precision: "float32" });
});

for (const [name, steps] of CASES) {
  test(`noises images and scores the noise as guided-diffusion does, ${name} ${steps}`, () => {
    const reference = new ReferenceCase(`openai-diffusion-step-${name}-${steps}`);
    const { network, params } = guidedDiffusionUNet();
    tf.tidy(() => {
      const [t, eps] = [reference.integers("in.t"), reference.images("in.eps")];
      const xt = addNoise(noiseSchedule(name, steps), reference.images("in.x0"), t, eps);
      near(xt, reference.images("out.q_sample"), 1e-6, "q_sample");
      const error = network.apply(xt, tf.tensor1d(t, "int32")).sub(eps);
      near(error.square().mean([1, 2, 3]), reference.numbers("out.mse"), 1e-4, "mse");
    });
    params.dispose();
  });

  test(`predicts the clean image, clipped, as guided-diffusion does, ${name} ${steps}`, () => {
    const reference = new ReferenceCase(`openai-diffusion-step-${name}-${steps}`);
    const { network, params } = guidedDiffusionUNet();
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const [xt, expected] = [reference.images("in.x_t"), reference.images("out.pred_xstart")];
      reference.integers("in.t").forEach((t, n) => {
        const schedule = noiseSchedule(name, steps);
        const { x0 } = predict(network, schedule, "noise", sample(xt, n), t);
        // The network's rounding error (about 1e-5) reaches the image times sqrt(1 / abar - 1), 21 at most.
        const gain = Math.sqrt(1 / (schedule.alphasCumprod[t] ?? 1) - 1);
        near(x0, sample(expected, n), 1e-5 * (1 + gain), `step ${t}`);
      });
    });
    assert.is(tf.memory().numTensors, before);
    params.dispose();
  });
}

test("gives noise that leads from the clipped image back to the noisy one", () => {
  tf.tidy(() => {
    const schedule = noiseSchedule("linear", 1000);
    const xt = tf.tensor4d([3, -2, 0.5, 0.1], [1, 2, 2, 1]);
    const denoiser: Denoiser = { apply: (x) => x.mul(0.3) };
    const { x0, eps } = predict(denoiser, schedule, "noise", xt, 400);
    assert.ok(x0.dataSync().every((value) => Math.abs(value) <= 1));
    near(addNoise(schedule, x0, [400], eps), xt, 1e-6);
  });
});

test("takes a network's image for the clean image where it predicts images", () => {
  tf.tidy(() => {
    const schedule = noiseSchedule("linear", 1000);
    const image = tf.tensor4d([0.2, -0.7, 1.5, 0], [1, 2, 2, 1]);
    const denoiser: Denoiser = { apply: () => image.clone() };
    const predicted = (clip: boolean) =>
      predict(denoiser, schedule, "image", tf.zeros([1, 2, 2, 1]), 10, clip).x0;
    near(predicted(true), [0.2, -0.7, 1, 0], 1e-6);
    near(predicted(false), [0.2, -0.7, 1.5, 0], 1e-6);
  });
});

test("tells the network one step number a sample", () => {
  const seen: number[][] = [];
  const denoiser: Denoiser = {
    apply: (x, timesteps) => {
      seen.push([...timesteps.dataSync()]);
      return x.clone();
    },
  };
  tf.tidy(() => {
    predict(denoiser, noiseSchedule("linear", 1000), "noise", tf.zeros([3, 2, 2, 1]), 7);
  });
  assert.equal(seen, [[7, 7, 7]]);
});

test.run();
