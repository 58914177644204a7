import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { AffineResampling } from "../../../lib/models/layers/affine-resampling";
import { gatherRows } from "../../../lib/models/layers/bilinear-gather";
import { Params } from "../../../lib/models/params";
import { near } from "../../near";
import { checkGradients } from "./gradient-check";

const test = suite("affine resampling");

const SIZE = 12;
let params: Params;
let resampling: AffineResampling;

test.before(async () => {
  await startBackend({ precision: "float32" });
  params = new Params(Rng.fromSeed(1));
  resampling = new AffineResampling(params, SIZE);
});

test.after(() => {
  params.dispose();
});

/** A picture of one channel from its values at (x, y), in pixels from the top left. */
function picture(value: (x: number, y: number) => number): tf.Tensor4D {
  const values = Array.from({ length: SIZE * SIZE }, (_, i) => value(i % SIZE, Math.floor(i / SIZE)));
  return tf.tensor4d(values, [1, SIZE, SIZE, 1]);
}

/** The picture where the place (x, y, 1) of the result comes from the place M (x, y, 1). */
function seen(image: tf.Tensor4D, rows: readonly (readonly number[])[]): tf.Tensor4D {
  return resampling.apply(image, tf.tensor3d([[...rows.map((row) => [...row])]]));
}

const LAST = [0, 0, 1];
const noise = () => Rng.fromSeed(2).normal<tf.Rank.R4>([1, SIZE, SIZE, 1]);

test("gives every image back under the identity, up to its border", () => {
  const images = Rng.fromSeed(3).normal<tf.Rank.R4>([3, SIZE, SIZE, 2]);
  const identity = tf.eye(3).expandDims<tf.Tensor3D>(0).tile<tf.Tensor3D>([3, 1, 1]);
  near(resampling.apply(images, identity), images, 1e-5);
});

test("shifts by whole pixels, mirrored at the border", () => {
  const x = noise();
  const values = x.dataSync();
  const shifted = seen(x, [[1, 0, 2], [0, 1, 0], LAST]);
  // The result at column i is the image at column i + 2; columns 12 and 13 are mirrored: 10 and 9.
  const mirror = (column: number) => (column > 11 ? 22 - column : column);
  const expected = Array.from(
    values,
    (_, i) => values[Math.floor(i / SIZE) * SIZE + mirror((i % SIZE) + 2)] ?? 0,
  );
  // In the mirror the filter is not quite symmetric: only the inner columns are exact.
  const inner = (all: ArrayLike<number>) => Array.from(all).filter((_, i) => i % SIZE < 7);
  near(inner(shifted.dataSync()), inner(expected), 1e-5);
  near(shifted, expected, 0.3);
});

test("turns, flips and scales smooth pictures as geometry says", () => {
  const wave = (x: number, y: number) =>
    Math.cos((2 * Math.PI * x) / 22) + 0.5 * Math.cos((2 * Math.PI * y) / 11);
  const image = picture(wave);
  // Half a wave over 11 pixels is its own mirror image at both borders. Angles: x to the right, y down.
  const cases = [
    { name: "flip", rows: [[-1, 0, 0], [0, 1, 0], LAST], from: (x: number, y: number) => [11 - x, y] },
    {
      name: "quarter turn",
      rows: [[0, -1, 0], [1, 0, 0], LAST],
      from: (x: number, y: number) => [11 - y, x],
    },
    {
      name: "scale",
      rows: [[0.8, 0, 0], [0, 1.25, 0], LAST],
      from: (x: number, y: number) => [5.5 + 0.8 * (x - 5.5), 5.5 + 1.25 * (y - 5.5)],
    },
    {
      name: "half a pixel",
      rows: [[1, 0, 0.5], [0, 1, -0.5], LAST],
      from: (x: number, y: number) => [x + 0.5, y - 0.5],
    },
    {
      name: "turn by 30 degrees",
      rows: [[Math.sqrt(0.75), -0.5, 0], [0.5, Math.sqrt(0.75), 0], LAST],
      from: (x: number, y: number) => [
        5.5 + Math.sqrt(0.75) * (x - 5.5) - 0.5 * (y - 5.5),
        5.5 + 0.5 * (x - 5.5) + Math.sqrt(0.75) * (y - 5.5),
      ],
    },
  ];
  for (const { name, rows, from } of cases) {
    const expected = picture((x, y) => wave(...(from(x, y) as [number, number])));
    near(seen(image, rows), expected, 0.03, name);
  }
});

test("keeps a constant constant wherever it is looked at", () => {
  const image = picture(() => 0.7);
  near(seen(image, [[0.3, 2, 40], [-1, 0.5, -70], LAST]), image, 1e-5);
});

test("gathers weighted rows and spreads them back, with derivatives of any order", () => {
  const table = tf.tensor2d([
    [1, 10],
    [2, 20],
    [3, 30],
  ]);
  const terms = [
    { indices: tf.tensor1d([0, 2], "int32"), weights: tf.tensor2d([[1], [0.5]]) },
    { indices: tf.tensor1d([1, 2], "int32"), weights: tf.tensor2d([[2], [1]]) },
  ];
  near(gatherRows(table, terms), [5, 50, 4.5, 45], 1e-6);
  const dy = tf.tensor2d([
    [1, 0],
    [0, 2],
  ]);
  const spread = (d: tf.Tensor) => tf.grad((t) => gatherRows(t as tf.Tensor2D, terms).mul(d))(table);
  // Row 0 of the result goes to rows 0 (once) and 1 (twice), row 1 to row 2 (1.5 times).
  near(spread(dy), [1, 0, 2, 0, 0, 3], 1e-6);
  // Sum of squares of that: gradient 2 A A' dy, with A A' = diag(1 + 4, 2.25).
  near(tf.grad((d) => spread(d).square())(dy), [10, 0, 0, 9], 1e-6);
});

test("agrees with finite differences and frees what it made", () => {
  const inverse = tf.tensor3d([[[0.9, -0.3, 1.3], [0.2, 1.1, -2], LAST]]);
  const x = noise();
  const before = tf.memory().numTensors;
  checkGradients((value) => resampling.apply(value as tf.Tensor4D, inverse), [x], 1e-3);
  assert.is(tf.memory().numTensors, before);
});

test.run();
