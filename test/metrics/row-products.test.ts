import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { matrix, transposed } from "../../lib/metrics/matrix";
import { portableRowProducts, rowProducts } from "../../lib/metrics/row-products";
import { near } from "../near";

const test = suite("rowProducts");

test.before(async () => {
  await startBackend();
});

test("is worked by hand for two rows against one", () => {
  const products = rowProducts(matrix(2, 3, [1, 2, 3, 4, 5, 6]), matrix(1, 3, [1, 0, -1]));
  assert.equal([products.rows, products.columns, ...products.values], [2, 1, -2, -2]);
});

for (const [n, m, k] of [
  [1, 1, 1],
  [3, 3, 300],
  [4, 5, 7],
  [8, 2, 513],
] as const)
  test(`sums every pair of ${n} rows with ${m} rows of ${k} values`, () => {
    const rng = Rng.fromSeed(3);
    const a = matrix(n, k, rng.fork("a").normals(n * k));
    const b = matrix(m, k, rng.fork("b").normals(m * k));
    const expected = Float64Array.from({ length: n * m }, (_, at) => {
      const [i, j] = [Math.floor(at / m), at % m];
      let sum = 0;
      for (let c = 0; c < k; c++) sum += (a.values[i * k + c] ?? 0) * (b.values[j * k + c] ?? 0);
      return sum;
    });
    near(portableRowProducts(a, b).values, expected, 1e-13);
  });

test("gives on the native backend the digits of double precision, and leaves no tensor", () => {
  const rng = Rng.fromSeed(4);
  // Doubles that float32 cannot hold: a third of float32 numbers.
  const third = (name: string, length: number): Float64Array =>
    Float64Array.from(rng.fork(name).normals(length), (value) => value / 3);
  const [a, b] = [matrix(130, 120, third("a", 130 * 120)), matrix(70, 120, third("b", 70 * 120))];
  const before = tf.memory().numTensors;
  near(rowProducts(a, b).values, portableRowProducts(a, b).values, 1e-13);
  assert.is(tf.memory().numTensors, before);
});

test("refuses rows of unlike length, and values that do not fill their rows", () => {
  assert.throws(() => rowProducts(matrix(2, 3), matrix(2, 4)), RangeError);
  assert.throws(() => matrix(2, 3, [1, 2]), RangeError);
});

test("has a transposed matrix to multiply columns with", () => {
  assert.equal(Array.from(transposed(matrix(2, 3, [1, 2, 3, 4, 5, 6])).values), [1, 4, 2, 5, 3, 6]);
});

test.run();
