import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { maxPool2 } from "../../../lib/models/layers/max-pooling";
import { near } from "../../near";

const test = suite("maxPool2");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("gives the largest of each block and its gradient to that pixel", () => {
  const x = tf.tensor4d([1, 5, 2, 0, 3, 4, 9, 7], [1, 2, 4, 1]); // blocks 1 5 3 4 and 2 0 9 7
  near(maxPool2(x), [5, 9], 0);
  const gradient = tf.grad((t) => maxPool2(t as tf.Tensor4D).mul(tf.tensor4d([10, 20], [1, 1, 2, 1])))(x);
  near(gradient, [0, 10, 0, 0, 0, 0, 20, 0], 0);
});

test("gives the whole gradient to the first of equal pixels, in row order", () => {
  const blocks = tf.tensor4d([1, 1, 1, 1, 0, 2, 2, 2, 0, 0, 3, 3], [3, 2, 2, 1]);
  const gradient = tf.grad((t) => maxPool2(t as tf.Tensor4D))(blocks);
  near(gradient, [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], 0);
});

test("agrees with tfjs where no pixels are equal, odd rows and columns left out", () => {
  for (const shape of [
    [2, 8, 6, 3],
    [2, 7, 5, 4],
  ] as [number, number, number, number][]) {
    const x = Rng.fromSeed(3).normal<tf.Rank.R4>(shape);
    const even = x.slice([0, 0, 0, 0], [2, shape[1] - (shape[1] % 2), shape[2] - (shape[2] % 2), shape[3]]);
    near(maxPool2(x), tf.maxPool(even as tf.Tensor4D, 2, 2, "valid"), 0);
    const weight = Rng.fromSeed(4).normal<tf.Rank.R4>(maxPool2(x).shape);
    const ours = tf.grad((t) => maxPool2(t as tf.Tensor4D).mul(weight))(x);
    const chosen = ours.notEqual(0).sum().dataSync()[0];
    assert.is(chosen, weight.size);
    near(ours.sum(), weight.sum(), 1e-4);
    near(ours.mul(x).sum(), maxPool2(x).mul(weight).sum(), 1e-4);
  }
});

test.run();
