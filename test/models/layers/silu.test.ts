import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { silu } from "../../../lib/models/layers/silu";
import { near } from "../../near";
import { checkGradients } from "./gradient-check";

const test = suite("silu");

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("is x sigmoid(x)", () => {
  const x = [-100, -2, -0.5, 0, 0.5, 2, 100];
  near(
    silu(tf.tensor1d(x)),
    x.map((value) => value * sigmoid(value)),
    1e-7,
  );
});

test("has the gradient s + x s (1 - s), also far out", () => {
  const x = [-100, -2, -0.5, 0, 0.5, 2, 100];
  const expected = x.map((value) => sigmoid(value) * (1 + value * (1 - sigmoid(value))));
  near(tf.grad((t) => silu(t).sum())(tf.tensor1d(x)), expected, 1e-6);
});

test("agrees with finite differences", () => {
  checkGradients((x) => silu(x ?? tf.scalar(0)), [Rng.fromSeed(1).normal([2, 3, 4, 5])], 2e-3);
});

test("has the same gradient on a backend without native operations", async () => {
  const gradient = () =>
    tf
      .grad((t) => silu(t).sum())(tf.linspace(-6, 6, 50))
      .dataSync();
  const native = gradient();
  await import("@tensorflow/tfjs-backend-cpu");
  assert.ok(tf.setBackend("cpu"));
  near(gradient(), native, 1e-6);
  await tf.setBackend("tensorflow");
});

test("frees what it saved", () => {
  const x = tf.ones([3]);
  const before = tf.memory().numTensors;
  tf.dispose([silu(x), tf.grad((t) => silu(t).sum())(x)]);
  assert.is(tf.memory().numTensors, before);
  x.dispose();
});

test.run();
