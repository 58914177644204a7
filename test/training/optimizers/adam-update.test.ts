import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kernelBackend, withoutKernels } from "../../../lib/backend/native-kernels";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { adamUpdate, type AdamVectors } from "../../../lib/training/optimizers/adam-update";
import { near } from "../../near";

const test = suite("update of Adam");

const SETTINGS = { beta1: 0.9, beta2: 0.99, rate: 0.1, epsilon: 1e-8, decayRate: 0.5 };

/** Longer than what one thread takes at a time, and not a multiple of a vector instruction's width. */
const LENGTH = 70_001;

const draw = (name: string): tf.Tensor1D => Rng.fromSeed(4).fork(name).normal<tf.Rank.R1>([LENGTH]);

const numbers = (vectors: AdamVectors): number[][] =>
  [vectors.values, vectors.firstMoment, vectors.secondMoment].map((tensor) => [...tensor.dataSync()]);

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("is the formula, worked by hand", () => {
  const one = (value: number) => tf.tensor1d([value]);
  const vectors = { values: one(2), firstMoment: one(1), secondMoment: one(4) };
  // m = 0.9 + 0.3, v = 3.96 + 0.09 = 4.05; p = 2 - 2 * 0.1 * 0.5 - 0.1 * 1.2 / sqrt(4.05) = 1.9 - 0.0596285.
  const [values = [], first = [], second = []] = numbers(adamUpdate(vectors, one(3), SETTINGS, one(0.1)));
  near([...values, ...first, ...second], [1.8403715, 1.2, 4.05], 1e-6);
});

test("of the project's own operation is that of separate ones, with decay and without", () => {
  if (kernelBackend() === undefined) {
    console.log("skipped: the project's own operations are not built");
    return;
  }
  const vectors = { values: draw("p"), firstMoment: draw("m"), secondMoment: draw("v").abs<tf.Tensor1D>() };
  for (const decay of [undefined, draw("decay").abs<tf.Tensor1D>()]) {
    const update = () => numbers(adamUpdate(vectors, draw("g"), SETTINGS, decay));
    const [fused, separate] = [update(), withoutKernels(update)];
    fused.forEach((values, i) => {
      near(values, separate[i] ?? [], 2e-6);
    });
  }
});

test("leaves the vectors that it reads as they were, and no other tensor behind", () => {
  const vectors = { values: draw("p"), firstMoment: draw("m"), secondMoment: draw("v").abs<tf.Tensor1D>() };
  const [before, gradient] = [numbers(vectors), draw("g")];
  const tensors = tf.memory().numTensors;
  tf.dispose(Object.values(adamUpdate(vectors, gradient, SETTINGS)) as tf.Tensor[]);
  assert.is(tf.memory().numTensors, tensors);
  assert.equal(numbers(vectors), before);
});

test.run();
