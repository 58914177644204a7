import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { GroupNorm } from "../../../lib/models/layers/group-norm";
import { Params } from "../../../lib/models/params";
import { near } from "../../near";
import { checkGradients } from "./gradient-check";

const test = suite("GroupNorm");

const SHAPE: [number, number, number, number] = [2, 3, 5, 6];
const GROUPS = 2;
const rng = Rng.fromSeed(1);

let params: Params;
let norm: GroupNorm;
let scale: tf.Tensor2D;
let shift: tf.Tensor2D;

test.before(async () => {
  await startBackend({ precision: "float32" });
  params = new Params(rng);
  norm = new GroupNorm(params, { channels: 6, groups: GROUPS });
  // Not the initial 1 and 0, which would hide a mistake.
  for (const variable of params.variables.values())
    variable.assign(variable.add(rng.fork("change", variable.id % 2).normal(variable.shape)));
  [scale, shift] = ["scale", "shift"].map((name) => rng.fork(name).normal<tf.Rank.R2>([2, 6])) as [
    tf.Tensor2D,
    tf.Tensor2D,
  ];
});

/** The definition in double precision: mean and biased variance over H, W and the channels of a group. */
function naive(x: tf.Tensor4D, modulated: boolean): Float64Array {
  const [n, h, w, c] = x.shape;
  const values = Float64Array.from(x.dataSync());
  const list = (path: string) => [...(params.variables.get(path)?.dataSync() ?? [])];
  const [gamma, beta] = [list("gamma"), list("beta")];
  const [scales, shifts] = [scale.dataSync(), shift.dataSync()];
  const width = c / GROUPS;
  const out = new Float64Array(values.length);
  for (let sample = 0; sample < n; sample++) {
    for (let group = 0; group < GROUPS; group++) {
      const members: number[] = [];
      for (let i = sample * h * w * c; i < (sample + 1) * h * w * c; i++)
        if (Math.floor((i % c) / width) === group) members.push(i);
      const at = (i: number) => values[i] ?? 0;
      const mean = members.reduce((sum, i) => sum + at(i), 0) / members.length;
      const variance = members.reduce((sum, i) => sum + (at(i) - mean) ** 2, 0) / members.length;
      for (const i of members) {
        const channel = i % c;
        const y =
          ((at(i) - mean) / Math.sqrt(variance + 1e-5)) * (gamma[channel] ?? 0) + (beta[channel] ?? 0);
        const k = sample * c + channel;
        out[i] = modulated ? y * (1 + (scales[k] ?? 0)) + (shifts[k] ?? 0) : y;
      }
    }
  }
  return out;
}

/** Images with another mean and spread in each channel. */
const images = () =>
  rng
    .fork("images")
    .normal<tf.Rank.R4>(SHAPE)
    .mul(tf.linspace(0.5, 3, 6))
    .add<tf.Tensor4D>(tf.linspace(-2, 4, 6));

test("equals the definition in double precision", () => {
  const x = images();
  near(norm.apply(x), naive(x, false), 2e-6);
});

test("equals the definition with a scale and shift for each sample", () => {
  const x = images();
  near(norm.apply(x, { modulation: { scale, shift } }), naive(x, true), 2e-6);
});

test("stays accurate where the mean is ten times the spread", () => {
  const x = rng.fork("far").normal<tf.Rank.R4>(SHAPE).add<tf.Tensor4D>(10);
  near(norm.apply(x), naive(x, false), 1e-4);
});

test("gives beta for a constant image, not NaN", () => {
  const beta = params.variables.get("beta") ?? tf.zeros([6]);
  near(norm.apply(tf.fill(SHAPE, 7)), beta.add(tf.zeros(SHAPE)), 1e-2);
});

test("has the gradients of finite differences with respect to image, gamma and beta", () => {
  checkGradients(
    (x, gamma, beta) => withVariables(gamma, beta, () => norm.apply(x as tf.Tensor4D)),
    [images(), tf.linspace(0.5, 2, 6), tf.linspace(-1, 1, 6)],
    5e-3,
  );
});

test("has the gradients of finite differences with modulation", () => {
  checkGradients(
    (x, a, b) =>
      norm.apply(x as tf.Tensor4D, { modulation: { scale: a as tf.Tensor2D, shift: b as tf.Tensor2D } }),
    [images(), scale, shift],
    5e-3,
  );
});

test("has the gradients of automatic differentiation with modulation of one sample", () => {
  const x = images().slice<tf.Tensor4D>([0], [1]);
  const [a, b] = [scale.slice<tf.Tensor2D>([0], [1]), shift.slice<tf.Tensor2D>([0], [1])];
  const weights = rng.fork("weights").normal(x.shape);
  const plain = (image: tf.Tensor, s: tf.Tensor, t: tf.Tensor) => {
    const grouped = image.reshape([1, 15, GROUPS, 3]);
    const { mean, variance } = tf.moments(grouped, [1, 3], true);
    const hat = grouped.sub(mean).div(variance.add(1e-5).sqrt()).reshape(image.shape);
    const [gamma, beta] = ["gamma", "beta"].map((name) => params.variables.get(name) ?? tf.zeros([6]));
    const y = hat.mul(gamma ?? 1).add(beta ?? 0);
    return y.mul(s.add(1).reshape([1, 1, 1, 6])).add(t.reshape([1, 1, 1, 6]));
  };
  const score = (f: (...inputs: tf.Tensor[]) => tf.Tensor) =>
    tf.grads((...inputs: tf.Tensor[]) =>
      f(...inputs)
        .mul(weights)
        .sum<tf.Scalar>(),
    )([x, a, b]);
  const expected = score((image = x, s = a, t = b) => plain(image, s, t));
  score((image, s, t) =>
    norm.apply(image as tf.Tensor4D, { modulation: { scale: s as tf.Tensor2D, shift: t as tf.Tensor2D } }),
  ).forEach((gradient, i) => {
    near(gradient, expected[i] ?? [], 1e-5, `input ${i}`);
  });
});

/** Runs a layer with other tensors in place of gamma and beta, so that gradients reach these. */
function withVariables(
  gamma: tf.Tensor | undefined,
  beta: tf.Tensor | undefined,
  run: () => tf.Tensor,
): tf.Tensor {
  const own = norm as unknown as { gamma: tf.Tensor; beta: tf.Tensor };
  const kept = { gamma: own.gamma, beta: own.beta };
  Object.assign(own, { gamma, beta });
  try {
    return run();
  } finally {
    Object.assign(own, kept);
  }
}

test("frees everything but its result", () => {
  const x = images();
  const before = tf.memory().numTensors;
  norm.apply(x).dispose();
  norm.apply(x, { modulation: { scale, shift } }).dispose();
  tf.grad((image) => norm.apply(image as tf.Tensor4D, { modulation: { scale, shift } }).sum())(x).dispose();
  assert.is(tf.memory().numTensors, before);
});

test("refuses groups that do not divide the channels", () => {
  assert.throws(
    () => new GroupNorm(new Params(rng), { channels: 6, groups: 4 }),
    /6 channels cannot form 4 groups/,
  );
});

test.run();
