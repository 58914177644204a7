import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import {
  deepSupervisionWeights,
  IGNORED_LABEL,
  labelTensors,
  levelLosses,
  segmentationLoss,
  SWIN_DICE,
  UNET_DICE,
} from "../../../lib/training/segmentation/segmentation-loss";
import { near } from "../../near";

const test = suite("segmentationLoss");
const rng = Rng.fromSeed(9);
const labels = Uint8Array.of(0, 1, 2, 3, 0, IGNORED_LABEL, 1, 0);
const SHAPE = [2, 2, 2, 4] as [number, number, number, number];

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("halves the weight of each coarser level, drops the deepest and sums to 1", () => {
  near(deepSupervisionWeights(5), [8 / 15, 4 / 15, 2 / 15, 1 / 15, 0], 1e-12);
  assert.equal(deepSupervisionWeights(1), [1]);
  assert.equal(deepSupervisionWeights(2), [1, 0]);
});

test("gives the values worked by hand for two classes", () => {
  // Two pixels, logits 0 and ln 3: probabilities (1/2, 1/2) and (1/4, 3/4); labels 0 and 1.
  const logits = tf.tensor4d([0, 0, 0, Math.log(3)], [1, 1, 2, 2]);
  const { negativeDice, crossEntropy } = levelLosses([logits], labelTensors(Uint8Array.of(0, 1), 2));
  // Dice: class 0: 2 * 1/2 / (3/4 + 1) = 4/7; class 1: 2 * 3/4 / (5/4 + 1) = 2/3.
  near(negativeDice, [-(4 / 7 + 2 / 3) / 2], 1e-5);
  near(crossEntropy, [(Math.log(2) + Math.log(4 / 3)) / 2], 1e-5);
});

test("has the gradient of the same loss written in small operations", () => {
  const levels = [0, 1, 2].map((level) => rng.fork("logits", level).normal<tf.Rank.R4>(SHAPE));
  const weights = deepSupervisionWeights(3);
  const tensors = labelTensors(labels, 4);
  const ours = tf.grads((...logits: tf.Tensor[]) =>
    segmentationLoss(logits as tf.Tensor4D[], tensors, weights),
  )(levels);
  const theirs = tf.grads((...logits: tf.Tensor[]) =>
    logits
      .map((level, i) => plainLoss(level, tensors.oneHot, tensors.counted).mul(weights[i] ?? 0))
      .reduce((a, b) => a.add(b)),
  )(levels);
  ours.forEach((gradient, i) => {
    near(gradient.mul(100), (theirs[i] ?? tf.scalar(0)).mul(100), 1e-4, `level ${i}`);
  });
  const value = segmentationLoss(levels, tensors, weights).dataSync()[0] ?? Number.NaN;
  const terms = levelLosses(levels, tensors);
  const sum = weights.reduce(
    (s, w, i) => s + w * ((terms.negativeDice[i] ?? 0) + (terms.crossEntropy[i] ?? 0)),
    0,
  );
  near([value], [sum], 1e-5);
});

/** Softmax, soft Dice and cross entropy of the pixels that count, differentiated by tfjs. */
function plainLoss(logits: tf.Tensor, oneHot: tf.Tensor2D, counted: tf.Tensor2D): tf.Tensor {
  const rows = logits.reshape([8, 4]);
  const p = rows.sub(rows.max(1, true)).exp();
  const probabilities = p.div(p.sum(1, true)).mul(counted);
  const overlap = probabilities.mul(oneHot).sum(0).mul(2).add(1e-5);
  const total = probabilities.add(oneHot).sum(0).add(1e-5);
  const likelihood = probabilities.mul(oneHot).sum(1, true).add(tf.sub(1, counted));
  return likelihood.log().sum().neg().div(counted.sum()).sub(overlap.div(total).mean());
}

test("has the Swin's Dice: a sample at a time, squared, without background", () => {
  // Two samples of one pixel, two classes, probabilities (1/4, 3/4) and (1/2, 1/2), labels 1 and 0.
  const logits = tf.tensor4d([0, Math.log(3), 0, 0], [2, 1, 1, 2]);
  const terms = levelLosses([logits], labelTensors(Uint8Array.of(1, 0), 2), SWIN_DICE);
  // Class 1: 2 * 3/4 / (9/16 + 1) = 24/25 in the first; 1e-5 / (1/4 + 1e-5) in the second.
  near(terms.negativeDice, [-(24 / 25 + 4e-5) / 2], 1e-5);
  near(terms.crossEntropy, [(Math.log(4 / 3) + Math.log(2)) / 2], 1e-5);
});

for (const dice of [UNET_DICE, SWIN_DICE])
  test(`has the gradient that finite differences show, ${JSON.stringify(dice)}`, () => {
    const logits = rng.fork("finite").normal<tf.Rank.R4>(SHAPE);
    const tensors = labelTensors(labels, 4);
    const loss = (t: tf.Tensor) => segmentationLoss([t as tf.Tensor4D], tensors, [1], dice);
    const gradient = tf.grad(loss)(logits).dataSync();
    const values = Float32Array.from(logits.dataSync());
    const differences = values.map((_, i) => {
      const at = (by: number) =>
        loss(
          tf.tensor4d(
            values.map((v, j) => (i === j ? v + by : v)),
            SHAPE,
          ),
        ).dataSync()[0] ?? 0;
      return (at(0.02) - at(-0.02)) / 0.04;
    });
    near(gradient, differences, 1e-4);
  });

test("does not see ignored pixels", () => {
  const logits = rng.fork("ignored").normal<tf.Rank.R4>(SHAPE);
  const tensors = labelTensors(labels, 4);
  const loss = (t: tf.Tensor) => segmentationLoss([t as tf.Tensor4D], tensors, [1]);
  const changed = logits.add(
    tf
      .oneHot(tf.tensor1d([5], "int32"), 8)
      .reshape([2, 2, 2, 1])
      .mul(7),
  ); // pixel 5
  near(loss(changed.add(tf.tensor1d([1, 2, 3, 4]).mul(0))), loss(logits), 1e-6);
  const gradient = tf.grad(loss)(logits).reshape([8, 4]);
  near(gradient.slice([5, 0], [1, 4]), [0, 0, 0, 0], 0);
});

test("is finite where every pixel is ignored, and where a probability vanishes", () => {
  const nothing = labelTensors(new Uint8Array(8).fill(IGNORED_LABEL), 4);
  near(segmentationLoss([tf.zeros(SHAPE)], nothing, [1]), [-1], 1e-6);
  const certain = tf.tensor1d([200, 0, 0, 0]).mul<tf.Tensor4D>(tf.ones(SHAPE));
  const { value, grad } = tf.valueAndGrad((t) =>
    segmentationLoss([t as tf.Tensor4D], labelTensors(labels, 4), [1]),
  )(certain);
  assert.ok(Number.isFinite(value.dataSync()[0]));
  assert.ok(grad.dataSync().every(Number.isFinite));
});

test("refuses labels that are no class, and weights that do not fit", () => {
  assert.throws(() => labelTensors(Uint8Array.of(0, 4), 4), /label 4 of a pixel/);
  assert.throws(
    () => segmentationLoss([tf.zeros(SHAPE)], labelTensors(labels, 4), [1, 0]),
    /2 weights for 1/,
  );
});

test.run();
