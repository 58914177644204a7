import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { matrix, transposed } from "../../lib/metrics/matrix";
import { pivotedCholesky } from "../../lib/metrics/pivoted-cholesky";
import { portableRowProducts } from "../../lib/metrics/row-products";
import { near } from "../near";

const test = suite("pivotedCholesky");

test("is worked by hand: [[4, 2], [2, 10]] begins with the variance of 10", () => {
  // sqrt(10) below the second; 2 / sqrt(10) of it in the first, which leaves 4 - 0.4 = 3.6.
  const { rows, values } = pivotedCholesky(matrix(2, 2, [4, 2, 2, 10]));
  assert.is(rows, 2);
  near(values, [2 / Math.sqrt(10), Math.sqrt(10), Math.sqrt(3.6), 0], 1e-15);
});

for (const [size, rank] of [
  [7, 7],
  [30, 4],
] as const)
  test(`gives back a covariance of ${size} features of rank ${rank}`, () => {
    const x = matrix(size, rank, Rng.fromSeed(size).normals(size * rank));
    const covariance = portableRowProducts(x, x);
    const factor = pivotedCholesky(covariance);
    assert.is(factor.rows, rank);
    const columns = transposed(factor);
    near(portableRowProducts(columns, columns).values, covariance.values, 1e-13);
  });

test("has rank 0 where nothing varies", () => {
  assert.is(pivotedCholesky(matrix(3, 3)).rows, 0);
});

test.run();
