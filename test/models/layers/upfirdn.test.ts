import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withoutKernels } from "../../../lib/backend/native-kernels";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { alongAxes, bandMatrix, filteredSize, type AxisFilter } from "../../../lib/models/layers/band-matrix";
import { UpFirDn } from "../../../lib/models/layers/upfirdn";
import { Params } from "../../../lib/models/params";
import { near } from "../../near";
import { checkGradients } from "./gradient-check";

const test = suite("UpFirDn");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("enlarges a line as worked by hand", () => {
  // 1 2 with zeros: 1 0 2 0, padded by 2 and 1: 0 0 1 0 2 0 0; the filter 1 2 3 turned round is 3 2 1:
  // 0 0 1 -> 1, 0 1 0 -> 2, 1 0 2 -> 5, 0 2 0 -> 4, 2 0 0 -> 6.
  const filter: AxisFilter = { taps: [1, 2, 3], up: 2, down: 1, padding: [2, 1] };
  const line = bandMatrix(2, filter).matMul(tf.tensor3d([1, 2], [1, 2, 1]));
  assert.equal([...line.dataSync()], [1, 2, 5, 4, 6]);
});

test("reduces and crops a line as worked by hand", () => {
  // 1 2 3 4 5 without its first and with a zero at the end: 2 3 4 5 0; the filter turned round is 10 1:
  // 2 3 -> 23, 3 4 -> 34 (left out), 4 5 -> 45, 5 0 -> 50 (left out).
  const filter: AxisFilter = { taps: [1, 10], up: 1, down: 2, padding: [-1, 1] };
  assert.is(filteredSize(5, filter), 2);
  const line = bandMatrix(5, filter).matMul(tf.tensor3d([1, 2, 3, 4, 5], [1, 5, 1]));
  assert.equal([...line.dataSync()], [23, 45]);
});

/** Those of StyleGAN 2 with uneven taps, and longer ones as StyleGAN 3 has. */
const FILTERS: readonly AxisFilter[] = [
  { taps: [1, 2, 3, 5], up: 1, down: 1, padding: [2, 2] },
  { taps: [1, 2, 3, 5], up: 1, down: 1, padding: [1, 1] },
  { taps: [1, 2, 3, 5], up: 1, down: 2, padding: [1, 1] },
  { taps: [1, 2, 3, 5], up: 2, down: 1, padding: [2, 1] },
  { taps: [1, -2, 3, 5, 4, 3, 2, 7], up: 2, down: 1, padding: [6, 5] },
  { taps: [1, -2, 3, 5, 4, 3, 2, 7], up: 1, down: 2, padding: [0, 0] },
  { taps: [1, -2, 3, 5, 4, 3, 2, 7], up: 4, down: 1, padding: [-3, -4] },
];

test("equals the matrices of its filter along both axes, forwards, backwards and forwards again", () => {
  for (const filter of FILTERS) {
    const params = new Params(Rng.fromSeed(1));
    const layer = new UpFirDn(params, { ...filter, channels: 3, size: 8 });
    const matrix = bandMatrix(8, filter);
    const x = Rng.fromSeed(2).normal<tf.Rank.R4>([2, 8, 8, 3]);
    const expected = alongAxes(x, matrix, matrix);
    const name = JSON.stringify(filter);
    near(layer.apply(x), expected, 1e-5, name);
    const dy = Rng.fromSeed(3).normal<tf.Rank.R4>(expected.shape);
    const twice = (map: (x: tf.Tensor4D) => tf.Tensor) => {
      const once = (d: tf.Tensor) => tf.grad((value) => map(value as tf.Tensor4D).mul(d))(x);
      return [once(dy), tf.grad((d) => once(d).square())(dy)] as const;
    };
    const [first, second] = twice((value) => layer.apply(value));
    const [wantedFirst, wantedSecond] = twice((value) => alongAxes(value, matrix, matrix));
    near(first, wantedFirst, 1e-5, `${name}, gradient`);
    near(second, wantedSecond, 1e-5, `${name}, gradient of the gradient`);
    params.dispose();
  }
});

test("is alike with the project's own operation and without it, for any number of channels", () => {
  for (const filter of FILTERS)
    for (const channels of [1, 45]) {
      const params = new Params(Rng.fromSeed(1));
      const layer = new UpFirDn(params, { ...filter, channels, size: 8 });
      const x = Rng.fromSeed(2).normal<tf.Rank.R4>([3, 8, 8, channels]);
      const portable = withoutKernels(() => layer.apply(x));
      near(layer.apply(x), portable, 1e-5, `${JSON.stringify(filter)}, ${channels} channels`);
      params.dispose();
    }
});

test("agrees with finite differences and frees what it made", () => {
  const params = new Params(Rng.fromSeed(1));
  const [, , , filter] = FILTERS;
  if (filter === undefined) throw new Error("no filter");
  const layer = new UpFirDn(params, { ...filter, channels: 2, size: 4 });
  const x = Rng.fromSeed(2).normal<tf.Rank.R4>([2, 4, 4, 2]);
  const before = tf.memory().numTensors;
  checkGradients((value) => layer.apply(value as tf.Tensor4D), [x], 1e-3);
  assert.is(tf.memory().numTensors, before);
  params.dispose();
});

test("does not enlarge and reduce at once", () => {
  const config = { taps: [1], up: 2, down: 2, padding: [0, 0], channels: 1, size: 4 } as const;
  assert.throws(() => new UpFirDn(new Params(Rng.fromSeed(1)), config), /at once/);
});

test.run();
