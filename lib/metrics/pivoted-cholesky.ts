import type { Matrix } from "./matrix";

/**
 * Cholesky factor of a covariance matrix that may be singular: R with R^T R = C. Taking the largest remaining
 * variance first ends the work at the matrix's rank.
 *
 * @param covariance Symmetric without negative eigenvalues, [n, n].
 * @returns R, [rank, n]; its columns in the order of C, so that it is not triangular.
 * @throws RangeError if the matrix is not square.
 * @see Higham 1990, Analysis of the Cholesky decomposition of a semi-definite matrix.
 */
export function pivotedCholesky(covariance: Matrix): Matrix {
  const { rows: n, columns, values } = covariance;
  if (n !== columns) throw new RangeError(`a matrix of ${n} by ${columns} is not a covariance`);
  const factor = new Float64Array(n * n);
  const rest = Float64Array.from({ length: n }, (_, i) => values[i * n + i] as number);
  const floor = n * Number.EPSILON * rest.reduce((most, value) => Math.max(most, value), 0);
  for (let rank = 0; rank < n; rank++) {
    const pivot = largest(rest);
    const variance = rest[pivot] as number;
    if (!(variance > floor)) return { rows: rank, columns: n, values: factor.slice(0, rank * n) };
    const row = factor.subarray(rank * n, (rank + 1) * n);
    row.set(values.subarray(pivot * n, (pivot + 1) * n));
    for (let i = 0; i < rank; i++) {
      const weight = factor[i * n + pivot] as number;
      if (weight === 0) continue;
      for (let j = 0; j < n; j++) row[j] = (row[j] as number) - weight * (factor[i * n + j] as number);
    }
    const root = Math.sqrt(variance);
    for (let j = 0; j < n; j++) {
      // What was taken before has no variance left.
      const value = rest[j] === -Infinity ? 0 : (row[j] as number) / root;
      row[j] = value;
      rest[j] = (rest[j] as number) - value * value;
    }
    row[pivot] = root;
    rest[pivot] = -Infinity;
  }
  return { rows: n, columns: n, values: factor };
}

function largest(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}
