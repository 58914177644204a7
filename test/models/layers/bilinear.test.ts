import { suite } from "uvu";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { resizeBilinear, transposedWeights } from "../../../lib/models/layers/bilinear";
import { near } from "../../near";

const test = suite("resizeBilinear");
const rng = Rng.fromSeed(5);

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("puts new pixel centres at quarters of the old ones", () => {
  const x = tf.tensor4d([0, 4, 8, 12], [1, 2, 2, 1]);
  // One axis: a, 3/4 a + 1/4 b, 1/4 a + 3/4 b, b.
  near(resizeBilinear(x, [4, 4]), [0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12], 1e-6);
});

for (const [from, to] of [
  [2, 4],
  [5, 10],
  [3, 24],
] as const) {
  test(`has the adjoint of its map as its gradient, ${from} to ${to} pixels`, () => {
    const x = rng.fork("x", from).normal<tf.Rank.R4>([2, from, from + 1, 3]);
    const size = [to, ((from + 1) * to) / from] as const;
    const y = rng.fork("y", from).normal<tf.Rank.R4>([2, size[0], size[1], 3]);
    const gradient = tf.grad((t) => resizeBilinear(t as tf.Tensor4D, size).mul(y))(x);
    // <A x, y> = <x, A' y> for every x: tried with two.
    near(resizeBilinear(x, size).mul(y).sum(), x.mul(gradient).sum(), 1e-4);
    near(resizeBilinear(x.square(), size).mul(y).sum(), x.square().mul(gradient).sum(), 1e-4);
  });
}

test("has weights that sum to 1 for every new pixel and give what the operation gives", () => {
  const matrix = transposedWeights(5, 15); // [1, from, to]
  near(matrix.sum(1), new Float32Array(15).fill(1), 1e-6);
  const row = rng.fork("row").normal<tf.Rank.R4>([1, 1, 5, 1]);
  const byMatrix = row.reshape([1, 5]).matMul(matrix.reshape([5, 15]));
  near(resizeBilinear(row, [1, 15]), byMatrix, 1e-5);
});

test.run();
