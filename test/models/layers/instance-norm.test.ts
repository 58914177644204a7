import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { InstanceNorm } from "../../../lib/models/layers/instance-norm";
import { Params } from "../../../lib/models/params";
import { near } from "../../near";

const test = suite("InstanceNorm");
const rng = Rng.fromSeed(7);

test.before(async () => {
  await startBackend({ precision: "float32" });
});

/** The definition, step by step, differentiated by tfjs. */
function definition(x: tf.Tensor4D, gamma: tf.Tensor1D, beta: tf.Tensor1D): tf.Tensor4D {
  const { mean, variance } = tf.moments(x, [1, 2], true);
  return x.sub(mean).div(variance.add(1e-5).sqrt()).mul(gamma).add(beta);
}

function layer(channels: number): {
  norm: InstanceNorm;
  gamma: tf.Variable<tf.Rank.R1>;
  beta: tf.Variable<tf.Rank.R1>;
} {
  const params = new Params(rng);
  const norm = new InstanceNorm(params, channels);
  const variable = (name: string) => params.variables.get(name) as tf.Variable<tf.Rank.R1>;
  variable("gamma").assign(rng.fork("gamma").normal<tf.Rank.R1>([channels]));
  variable("beta").assign(rng.fork("beta").normal<tf.Rank.R1>([channels]));
  return { norm, gamma: variable("gamma"), beta: variable("beta") };
}

for (const shape of [
  [3, 6, 5, 4],
  [2, 16, 16, 3],
  [1, 2, 2, 8],
] as [number, number, number, number][]) {
  test(`equals its definition and that one's gradient for [${shape}]`, () => {
    const { norm, gamma, beta } = layer(shape[3]);
    const x = rng.fork("x").normal<tf.Rank.R4>(shape).mul(3).add<tf.Tensor4D>(20);
    const weight = rng.fork("weight").normal<tf.Rank.R4>(shape);
    near(norm.apply(x), definition(x, gamma, beta), 2e-5);

    const ours = tf.variableGrads(() => norm.apply(x).mul(weight).sum<tf.Scalar>(), [gamma, beta]);
    const theirs = tf.variableGrads(
      () => definition(x, gamma, beta).mul(weight).sum<tf.Scalar>(),
      [gamma, beta],
    );
    for (const { name } of [gamma, beta]) near(ours.grads[name] ?? [], theirs.grads[name] ?? [], 1e-4, name);
    const dOurs = tf.grad((input) => norm.apply(input as tf.Tensor4D).mul(weight))(x);
    const dTheirs = tf.grad((input) => definition(input as tf.Tensor4D, gamma, beta).mul(weight))(x);
    near(dOurs, dTheirs, 1e-4, "input");
  });
}

test("has the gradient that finite differences show", () => {
  const { norm } = layer(2);
  const x = rng.fork("small").normal<tf.Rank.R4>([1, 3, 2, 2]);
  const weight = rng.fork("small weight").normal<tf.Rank.R4>([1, 3, 2, 2]);
  const value = (values: Float32Array) =>
    norm
      .apply(tf.tensor4d(values, [1, 3, 2, 2]))
      .mul(weight)
      .sum()
      .dataSync()[0] ?? 0;
  const values = Float32Array.from(x.dataSync());
  const step = 1e-2;
  const differences = values.map((_, i) => {
    const moved = (by: number) => value(values.map((v, j) => (j === i ? v + by : v)));
    return (moved(step) - moved(-step)) / (2 * step);
  });
  near(tf.grad((input) => norm.apply(input as tf.Tensor4D).mul(weight))(x), differences, 5e-3);
});

test("gives beta for a constant image and for one of a single pixel", () => {
  const { norm, beta } = layer(2);
  const [first = 0, second = 0] = beta.dataSync();
  near(
    norm.apply(tf.fill([1, 2, 2, 2], 5)),
    [first, second, first, second, first, second, first, second],
    1e-4,
  );
  near(norm.apply(tf.fill([1, 1, 1, 2], 5)), [first, second], 1e-4);
});

test("leaves no tensor behind", () => {
  const { norm, gamma, beta } = layer(4);
  const x = rng.normal<tf.Rank.R4>([2, 4, 4, 4]);
  const run = () => {
    const { value, grads } = tf.variableGrads(() => norm.apply(x).square().sum<tf.Scalar>(), [gamma, beta]);
    tf.dispose([value, grads]);
    norm.apply(x).dispose();
  };
  run();
  const before = tf.memory().numTensors;
  run();
  assert.is(tf.memory().numTensors, before);
});

test.run();
