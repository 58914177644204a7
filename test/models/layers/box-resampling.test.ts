import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { averagePool, upsampleNearest } from "../../../lib/models/layers/box-resampling";
import { near } from "../../near";
import { checkGradients } from "./gradient-check";

const test = suite("box resampling");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("repeats each pixel twice along both axes", () => {
  const x = tf.tensor4d([1, 10, 2, 20], [1, 1, 2, 2]);
  // Row 1 10 | 2 20 (two channels) becomes two rows of four pixels.
  const row = [1, 10, 1, 10, 2, 20, 2, 20];
  const y = upsampleNearest(x);
  assert.equal(y.shape, [1, 2, 4, 2]);
  assert.equal([...y.dataSync()], [...row, ...row]);
});

test("equals TensorFlow's nearest resizing", () => {
  const x = Rng.fromSeed(1).normal<tf.Rank.R4>([3, 5, 4, 2]);
  near(upsampleNearest(x), tf.image.resizeNearestNeighbor(x, [10, 8]), 0);
});

test("adds up each block in its gradient", () => {
  const dy = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  const gradient = tf.grad((x) =>
    upsampleNearest(x as tf.Tensor4D)
      .mul(dy)
      .sum(),
  )(tf.zeros([1, 1, 1, 1]));
  assert.equal([...gradient.dataSync()], [10]);
});

test("agrees with finite differences and frees what it made", () => {
  const x = Rng.fromSeed(1).normal([2, 3, 2, 4]);
  const before = tf.memory().numTensors;
  checkGradients((value) => upsampleNearest(value as tf.Tensor4D), [x], 1e-4);
  assert.is(tf.memory().numTensors, before);
});

test("takes the mean over each block, by any factor", () => {
  const x = tf.tensor4d(
    Array.from({ length: 16 }, (_, i) => i),
    [1, 4, 4, 1],
  );
  // Rows 0 1 2 3 | 4 5 6 7 | ...: the first block holds 0 1 4 5.
  assert.equal([...averagePool(x).dataSync()], [2.5, 4.5, 10.5, 12.5]);
  assert.equal([...averagePool(x, 4).dataSync()], [7.5]);
});

test("gives each pixel of a block the same share of the mean's gradient, at every order", () => {
  const x = Rng.fromSeed(1).normal([2, 4, 8, 3]);
  for (const factor of [2, 4]) {
    checkGradients((value) => averagePool(value as tf.Tensor4D, factor), [x], 1e-4);
    // The sum of squares of the mean: its second derivative along v is 2 |mean of v|^2.
    const energy = (value: tf.Tensor) =>
      averagePool(value as tf.Tensor4D, factor)
        .square()
        .sum();
    const v = Rng.fromSeed(2).normal(x.shape);
    const curvature = tf
      .grad((at) => tf.grad(energy)(at).mul(v).sum())(x)
      .mul(v)
      .sum();
    near(curvature, energy(v).mul(2), 1e-5);
  }
});

test.run();
