import type { Matrix } from "./matrix";

/** Steps after which an eigenvalue counts as not found; a handful is usual. */
const MOST_STEPS = 60;

/**
 * Eigenvalues of a symmetric matrix: reflections make it tridiagonal, then QL with implicit shifts. No
 * eigenvectors, so that the cost is (4/3) n^3 operations.
 *
 * @param symmetric [n, n]; the lower triangle alone is read.
 * @returns In rising order.
 * @throws RangeError if it is not square; Error if a value is not finite or the iteration does not end.
 * @see Golub and Van Loan 2013, Matrix Computations, sections 8.3.1 and 8.3.3; EISPACK's tred1 and imtql1.
 */
export function symmetricEigenvalues(symmetric: Matrix): Float64Array {
  const { rows, columns, values } = symmetric;
  if (rows !== columns) throw new RangeError(`a matrix of ${rows} by ${columns} has no eigenvalues`);
  const { diagonal, below } = tridiagonalise(Float64Array.from(values), rows);
  if (!diagonal.every(Number.isFinite) || !below.every(Number.isFinite))
    throw new Error("a matrix with values that are not finite has no eigenvalues");
  qlImplicit(diagonal, below);
  return diagonal.sort();
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** below[i] stands left of diagonal[i]; below[0] is 0. */
  readonly below: Float64Array;
}

/**
 * Reflects the last row's left part onto one value, then the row before, and so on. The lower triangle of `a` is
 * overwritten.
 */
function tridiagonalise(a: Float64Array, n: number): Tridiagonal {
  const [diagonal, below] = [new Float64Array(n), new Float64Array(n)];
  const p = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    const row = a.subarray(i * n, i * n + i); // becomes the reflection's vector u
    diagonal[i] = a[i * n + i] as number;
    const last = row[i - 1] as number;
    const scale = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (scale === 0 || i === 1) {
      below[i] = last;
      continue;
    }
    // Scaled, so that squares of tiny values do not vanish.
    let squares = 0;
    for (let j = 0; j < i; j++) squares += ((row[j] as number) / scale) ** 2;
    const length = Math.sign(last || 1) * scale * Math.sqrt(squares);
    row[i - 1] = last + length;
    below[i] = -length;
    reflect(a, n, i, row, p, length * (row[i - 1] as number));
  }
  diagonal[0] = a[0] as number;
  return { diagonal, below };
}

/** A <- (1 - u u^T / h) A (1 - u u^T / h) on the leading i rows, with h = |u|^2 / 2. */
function reflect(a: Float64Array, n: number, i: number, u: Float64Array, p: Float64Array, h: number): void {
  // p = A u / h, by the lower triangle alone: each of its rows serves as a row and as a column.
  p.fill(0, 0, i);
  for (let j = 0; j < i; j++) {
    const start = j * n;
    const uj = u[j] as number;
    let sum = 0;
    for (let k = 0; k < j; k++) {
      const value = a[start + k] as number;
      sum += value * (u[k] as number);
      p[k] = (p[k] as number) + value * uj;
    }
    p[j] = (p[j] as number) + sum + (a[start + j] as number) * uj;
  }
  let along = 0;
  for (let j = 0; j < i; j++) {
    p[j] = (p[j] as number) / h;
    along += (p[j] as number) * (u[j] as number);
  }
  // q = p - u (u^T p) / 2h, then A <- A - u q^T - q u^T.
  for (let j = 0; j < i; j++) p[j] = (p[j] as number) - (along / (2 * h)) * (u[j] as number);
  for (let j = 0; j < i; j++) {
    const start = j * n;
    const [uj, qj] = [u[j] as number, p[j] as number];
    for (let k = 0; k <= j; k++)
      a[start + k] = (a[start + k] as number) - uj * (p[k] as number) - qj * (u[k] as number);
  }
}

/** Turns `diagonal` into the eigenvalues, unordered. */
function qlImplicit(d: Float64Array, below: Float64Array): void {
  const n = d.length;
  const e = new Float64Array(n); // e[i] stands right of d[i]
  e.set(below.subarray(1));
  for (let l = 0; l < n; l++)
    for (let step = 0; ; step++) {
      // The first place from l on where the matrix falls apart.
      let m = l;
      for (; m < n - 1; m++) {
        const neighbours = Math.abs(d[m] as number) + Math.abs(d[m + 1] as number);
        if (Math.abs(e[m] as number) <= Number.EPSILON * neighbours) break;
      }
      if (m === l) break;
      if (step === MOST_STEPS) throw new Error(`eigenvalue ${l} was not found in ${MOST_STEPS} steps`);
      chase(d, e, l, m);
    }
}

/** One step of QL between places l and m, shifted by an eigenvalue of the corner at l (Wilkinson). */
function chase(d: Float64Array, e: Float64Array, l: number, m: number): void {
  const at = (values: Float64Array, i: number): number => values[i] as number;
  const half = (at(d, l + 1) - at(d, l)) / (2 * at(e, l));
  const root = Math.hypot(half, 1);
  let g = at(d, m) - at(d, l) + at(e, l) / (half + (half >= 0 ? root : -root));
  let [sine, cosine, p] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const [f, b] = [sine * at(e, i), cosine * at(e, i)];
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      // Recover from underflow: the matrix falls apart here.
      d[i + 1] = at(d, i + 1) - p;
      e[m] = 0;
      return;
    }
    [sine, cosine] = [f / r, g / r];
    g = at(d, i + 1) - p;
    const t = (at(d, i) - g) * sine + 2 * cosine * b;
    p = sine * t;
    d[i + 1] = g + p;
    g = cosine * t - b;
  }
  d[l] = at(d, l) - p;
  e[l] = g;
  e[m] = 0;
}
