import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { upsampleNearest } from "../../../lib/models/layers/nearest-upsampling";
import { near } from "../../near";
import { checkGradients } from "./gradient-check";

const test = suite("nearest upsampling");

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

test.run();
