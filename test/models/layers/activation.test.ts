import { suite } from "uvu";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { leakyRelu } from "../../../lib/models/layers/activation";
import { near } from "../../near";

const test = suite("leakyRelu");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("scales negative values, and the gradient at negative values and at zero", () => {
  const x = tf.tensor1d([-2, 0, 3]);
  near(leakyRelu(x, 0.01), [-0.02, 0, 3], 1e-7);
  near(tf.grad((t) => leakyRelu(t, 0.01))(x), [0.01, 0.01, 1], 1e-7);
});

test("can be differentiated twice", () => {
  // f = leaky(x)^3 / 6, f' = leaky^2 leaky' / 2, f'' = leaky leaky'^2.
  const x = tf.tensor1d([-2, 3]);
  const f = (t: tf.Tensor) => leakyRelu(t, 0.5).pow(3).div(6);
  near(tf.grad((t) => tf.grad(f)(t))(x), [-0.25, 3], 1e-5);
});

test.run();
