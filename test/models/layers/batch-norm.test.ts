import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { BatchNorm } from "../../../lib/models/layers/batch-norm";
import { Params } from "../../../lib/models/params";
import { near } from "../../near";
import { checkGradients } from "./gradient-check";

const test = suite("BatchNorm");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("normalises by the batch in training and moves its running statistics", () => {
  const params = new Params(Rng.fromSeed(1));
  const norm = new BatchNorm(params, 1);
  const x = tf.tensor4d([1, 2, 3, 6], [2, 1, 2, 1]); // mean 3, variance 3.5, unbiased 14 / 3
  const scale = 1 / Math.sqrt(3.5 + 1e-5);
  near(norm.apply(x, true), [-2 * scale, -scale, 0, 3 * scale], 1e-6);
  near(params.buffers.get("mean") ?? [], [0.3], 1e-6);
  near(params.buffers.get("variance") ?? [], [0.9 + 0.1 * (14 / 3)], 1e-6);
  params.dispose();
});

test("normalises by the running statistics otherwise, and leaves them alone", () => {
  const params = new Params(Rng.fromSeed(1));
  const norm = new BatchNorm(params, 1);
  params.buffers.get("mean")?.assign(tf.tensor1d([2]));
  params.buffers.get("variance")?.assign(tf.tensor1d([4]));
  params.variables.get("gamma")?.assign(tf.tensor1d([3]));
  params.variables.get("beta")?.assign(tf.tensor1d([1]));
  near(norm.apply(tf.tensor1d([2, 4]), false), [1, 1 + 3 * (2 / Math.sqrt(4 + 1e-5))], 1e-6);
  assert.equal([...(params.buffers.get("mean")?.dataSync() ?? [])], [2]);
  params.dispose();
});

test("has the right gradients in training", () => {
  const params = new Params(Rng.fromSeed(1));
  const norm = new BatchNorm(params, 3);
  checkGradients((x) => norm.apply(x, true), [Rng.fromSeed(2).normal<tf.Rank.R4>([2, 3, 2, 3])], 2e-3);
  params.dispose();
});

test.run();
