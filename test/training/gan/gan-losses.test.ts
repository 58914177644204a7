import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import type { Discriminator, StyleGenerator } from "../../../lib/models/gan";
import { Params } from "../../../lib/models/params";
import {
  gradientPenalty,
  logisticDiscriminatorLoss,
  logisticGeneratorLoss,
  logitsAndGradients,
  pathLengths,
  r1Penalty,
  wassersteinDiscriminatorLoss,
  wassersteinGeneratorLoss,
} from "../../../lib/training/gan/gan-losses";
import { lazyAdam } from "../../../lib/training/gan/gan-recipe";
import { near } from "../../near";

const test = suite("GAN losses");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

const logits = (...values: number[]) => tf.tensor2d(values, [values.length, 1]);

/** D(x) = sum of scale * x^2 / 2 over the pixels of an image: its gradient is scale * x. */
function quadratic(scale: number): Discriminator {
  return {
    params: new Params(Rng.fromSeed(1)),
    sampleGroup: 1,
    apply: (image) =>
      image
        .square()
        .sum<tf.Tensor1D>([1, 2, 3])
        .mul(scale / 2)
        .expandDims<tf.Tensor2D>(1),
  };
}

/** Two images of two pixels: (3, 4), of norm 5, and (0, 2). */
const IMAGES = () => tf.tensor4d([3, 4, 0, 2], [2, 1, 2, 1]);

test("logistic: the mean of softplus(fake) + softplus(-real), and of softplus(-fake)", () => {
  // softplus(0) = ln 2 = 0.693147, softplus(1) = 1.313262, softplus(-1) = 0.313262, softplus(2) = 2.126928.
  near(
    logisticDiscriminatorLoss(logits(1, 0), logits(-1, 2)),
    [(0.313262 + 2.126928 + 0.313262 + 0.693147) / 2],
    1e-6,
  );
  near(logisticGeneratorLoss(logits(-1, 1)), [(1.313262 + 0.313262) / 2], 1e-6);
});

test("Wasserstein: fake - real with a pull of real logits to zero, and -fake", () => {
  // (2 - 3 + 0.1 * 9 + 4 - 1 + 0.1 * 1) / 2 = (-0.1 + 3.1) / 2.
  near(wassersteinDiscriminatorLoss(logits(3, 1), logits(2, 4), 0.1), [1.5], 1e-6);
  near(wassersteinGeneratorLoss(logits(2, 4)), [-3], 1e-6);
});

test("R1: the mean squared norm of the gradients, with the logits beside it", () => {
  const { logits: values, gradients } = logitsAndGradients(quadratic(2), IMAGES(), {});
  near(values, [25, 4], 1e-5);
  near(gradients, [6, 8, 0, 4], 1e-5);
  near(r1Penalty(gradients), [(100 + 16) / 2], 1e-5);
});

test("gradient penalty: the squared distance of the norms from the target, at mixed images", () => {
  const zeros = tf.zeros<tf.Rank.R4>([2, 1, 2, 1]);
  const all = tf.ones<tf.Rank.R4>([2, 1, 1, 1]);
  const penalty = (reals: tf.Tensor4D, fakes: tf.Tensor4D, factors: tf.Tensor4D, target: number) =>
    gradientPenalty(quadratic(1), reals, fakes, factors, target, {});
  // Norms 5 and 2, target 1: (16 + 1) / 2.
  near(penalty(IMAGES(), zeros, all.mul(0), 1), [8.5], 1e-5);
  near(penalty(zeros, IMAGES(), all, 1), [8.5], 1e-5);
  // Half of each image: norms 2.5 and 1, target 2: (0.25 + 1) / 2 / 4.
  near(penalty(IMAGES(), zeros, all.mul(0.5), 2), [0.15625], 1e-5);
});

test("the gradients of the penalties are those of second order", () => {
  const scale = tf.variable(tf.scalar(1));
  const scaled: Discriminator = {
    params: new Params(Rng.fromSeed(1)),
    sampleGroup: 1,
    apply: (image) =>
      image.square().sum<tf.Tensor1D>([1, 2, 3]).mul(scale).div<tf.Tensor1D>(2).expandDims<tf.Tensor2D>(1),
  };
  const slope = (loss: () => tf.Scalar) =>
    tf.variableGrads(loss, [scale]).grads[scale.name] ?? tf.scalar(Number.NaN);
  // R1 is scale^2 (25 + 4) / 2, whose derivative at 1 is 29.
  near(
    slope(() => r1Penalty(logitsAndGradients(scaled, IMAGES(), {}).gradients)),
    [29],
    1e-5,
  );
  // (5 scale - 1)^2 + (2 scale - 1)^2, halved: (2 * 4 * 5 + 2 * 1 * 2) / 2 = 22.
  const factors = tf.zeros<tf.Rank.R4>([2, 1, 1, 1]);
  near(
    slope(() => gradientPenalty(scaled, IMAGES(), tf.zerosLike(IMAGES()), factors, 1, {})),
    [22],
    1e-5,
  );
  scale.dispose();
});

/** An image of one pixel, a gain times the sum of all styles: every gradient is y times the gain. */
function linear(gain: tf.Variable<tf.Rank.R0>): StyleGenerator {
  const synthesize = (w: tf.Tensor3D) => w.sum([1, 2]).mul(gain).reshape<tf.Tensor4D>([-1, 1, 1, 1]);
  const map = (z: tf.Tensor2D) => z.expandDims<tf.Tensor3D>(1).concat(z.expandDims<tf.Tensor3D>(1), 1);
  return {
    params: new Params(Rng.fromSeed(1)),
    latentSize: 3,
    styleSize: 3,
    layerCount: 2,
    resolution: 1,
    imageChannels: 1,
    apply: (z) => synthesize(map(z)),
    map,
    synthesize,
  };
}

test("path lengths: |gain y| sqrt(3) for an image of the summed styles, and their running mean", () => {
  const gain = tf.variable(tf.scalar(2));
  const z = tf.zeros<tf.Rank.R2>([4, 3]);
  const y = [...Rng.fromSeed(3).normal([4, 1, 1, 1]).dataSync()];
  const old = 0.5;
  const run = () => pathLengths(linear(gain), z, {}, tf.scalar(old), 0.1, Rng.fromSeed(3));
  // Per layer the squared gradient is 3 (2 y)^2; the mean over layers leaves it.
  const lengths = y.map((value) => 2 * Math.abs(value) * Math.sqrt(3));
  const mean = old + 0.1 * (lengths.reduce((sum, length) => sum + length / 4, 0) - old);
  const { penalty, mean: moved } = run();
  near(moved, [mean], 1e-5);
  near(penalty, [lengths.reduce((sum, length) => sum + (length - mean) ** 2 / 4, 0)], 1e-5);
  // The mean moves with the lengths in the gradient too: d length / d gain = length / 2.
  const { grads } = tf.variableGrads(() => run().penalty, [gain]);
  const meanSlope = 0.1 * lengths.reduce((sum, length) => sum + length / 8, 0);
  const expected = lengths.reduce(
    (sum, length) => sum + (2 * (length - mean) * (length / 2 - meanSlope)) / 4,
    0,
  );
  near(grads[gain.name] ?? [], [expected], 1e-5);
  gain.dispose();
});

test("Adam is corrected for lazy updates: 16 steps of regularisation scale by 16 / 17", () => {
  const adam = { beta1: 0, beta2: 0.99, epsilon: 1e-8 };
  const lazy = lazyAdam(adam, 16);
  near([lazy.rateFactor, lazy.adam.beta1, lazy.adam.beta2], [16 / 17, 0, 0.99 ** (16 / 17)], 1e-12);
  for (const every of [undefined, 1]) assert.equal(lazyAdam(adam, every), { adam, rateFactor: 1 });
});

test.run();
