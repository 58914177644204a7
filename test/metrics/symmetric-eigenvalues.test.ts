import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { matrix, type Matrix } from "../../lib/metrics/matrix";
import { symmetricEigenvalues } from "../../lib/metrics/symmetric-eigenvalues";
import { near } from "../near";

const test = suite("symmetricEigenvalues");

/** The second route: rotations that zero one value after another (Jacobi). */
function jacobi({ rows: n, values }: Matrix): Float64Array {
  const a = Array.from({ length: n }, (_, i) => Array.from(values.subarray(i * n, (i + 1) * n)));
  const at = (i: number, j: number): number => a[i]?.[j] ?? 0;
  const put = (i: number, j: number, value: number): void => {
    const row = a[i];
    if (row !== undefined) row[j] = value;
  };
  for (let sweep = 0; sweep < 30; sweep++)
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (at(p, q) === 0) continue;
        const angle = 0.5 * Math.atan2(2 * at(p, q), at(q, q) - at(p, p));
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        for (let k = 0; k < n; k++) {
          const [kp, kq] = [at(k, p), at(k, q)];
          put(k, p, c * kp - s * kq);
          put(k, q, s * kp + c * kq);
        }
        for (let k = 0; k < n; k++) {
          const [pk, qk] = [at(p, k), at(q, k)];
          put(p, k, c * pk - s * qk);
          put(q, k, s * pk + c * qk);
        }
      }
  return Float64Array.from({ length: n }, (_, i) => at(i, i)).sort();
}

function randomSymmetric(n: number, rng: Rng): Matrix {
  const values = new Float64Array(n * n);
  const stream = rng.stream();
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) values[i * n + j] = values[j * n + i] = stream.normal();
  return { rows: n, columns: n, values };
}

test("is worked by hand: [[2, 1], [1, 2]] has 1 and 3", () => {
  near(symmetricEigenvalues(matrix(2, 2, [2, 1, 1, 2])), [1, 3], 1e-15);
});

test("is known in closed form for the second difference: 2 - 2 cos(k pi / (n + 1))", () => {
  const n = 40;
  const second = matrix(n, n);
  for (let i = 0; i < n; i++) {
    second.values[i * n + i] = 2;
    if (i > 0) second.values[i * n + i - 1] = second.values[(i - 1) * n + i] = -1;
  }
  const expected = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)));
  near(symmetricEigenvalues(second), expected, 1e-14);
});

for (const n of [1, 2, 3, 5, 24])
  test(`equals Jacobi's rotations for ${n} by ${n}`, () => {
    const random = randomSymmetric(n, Rng.fromSeed(n));
    near(symmetricEigenvalues(random), jacobi(random), 1e-13);
  });

test("finds multiple and vanishing eigenvalues, and tiny ones at their scale", () => {
  near(symmetricEigenvalues(matrix(3, 3)), [0, 0, 0], 0);
  near(symmetricEigenvalues(matrix(3, 3, [1, 1, 1, 1, 1, 1, 1, 1, 1])), [0, 0, 3], 1e-15);
  const tiny = symmetricEigenvalues(matrix(2, 2, [2e-200, 1e-200, 1e-200, 2e-200]));
  near([(tiny[0] ?? 0) * 1e200, (tiny[1] ?? 0) * 1e200], [1, 3], 1e-14);
});

test("refuses what is not square or not finite", () => {
  assert.throws(() => symmetricEigenvalues(matrix(2, 3)), RangeError);
  assert.throws(() => symmetricEigenvalues(matrix(2, 2, [Number.NaN, 1, 1, 2])), /not finite/);
});

test.run();
