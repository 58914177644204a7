import { featureRows, requireComparable, type Features } from "./features";
import type { Matrix } from "./matrix";
import { rowProducts } from "./row-products";

/** Images whose distances to all others are held at once. */
const BLOCK_ROWS = 1024;

/** Squared distances below this share of the lengths are computed anew: the fast way loses their digits. */
const CLOSE = 1e-9;

/** Which images lie in whose neighbourhoods; that of an image reaches as far as its k-th nearest fellow. */
export interface Neighbourhoods {
  /** For each synthetic image, the number of real images in whose neighbourhood it lies, [M]. */
  readonly ofReal: Float64Array;
  /** For each real image, the number of synthetic images in whose neighbourhood it lies, [N]. */
  readonly ofSynthetic: Float64Array;
  /** For each real image, 1 where a synthetic one lies in its neighbourhood, else 0, [N]. */
  readonly covered: Float64Array;
}

/**
 * Euclidean neighbourhoods of two sets of features, over every pair.
 *
 * @param k Neighbours, the image itself not counted.
 * @throws RangeError if a set has no more than k images, or the features do not fit each other.
 */
export function neighbourhoods(real: Features, synthetic: Features, k: number): Neighbourhoods {
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`${k} neighbours make no neighbourhood`);
  requireComparable(real, synthetic, k + 1);
  const [x, y] = [featureRows(real), featureRows(synthetic)];
  const [reachOfReal, reachOfSynthetic] = [squaredReach(x, k), squaredReach(y, k)];
  const ofReal = new Float64Array(y.rows);
  const ofSynthetic = new Float64Array(x.rows);
  const covered = new Float64Array(x.rows);
  overSquaredDistances(x, y, (i, j, squared) => {
    if (squared <= (reachOfReal[i] as number)) {
      ofReal[j] = (ofReal[j] as number) + 1;
      covered[i] = 1;
    }
    if (squared <= (reachOfSynthetic[j] as number)) ofSynthetic[i] = (ofSynthetic[i] as number) + 1;
  });
  return { ofReal, ofSynthetic, covered };
}

/** Squared distance of each row from its k-th nearest other row, [N]. */
export function squaredReach(rows: Matrix, k: number): Float64Array {
  // The k smallest of each row so far, in rising order.
  const nearest = new Float64Array(rows.rows * k).fill(Infinity);
  overSquaredDistances(rows, rows, (i, j, squared) => {
    if (i === j) return;
    let at = (i + 1) * k - 1;
    if (squared >= (nearest[at] as number)) return;
    for (; at > i * k && squared < (nearest[at - 1] as number); at--) nearest[at] = nearest[at - 1] as number;
    nearest[at] = squared;
  });
  return Float64Array.from({ length: rows.rows }, (_, i) => nearest[(i + 1) * k - 1] as number);
}

/** Tells the squared distance of every row of `a` from every row of `b`, by products in blocks. */
export function overSquaredDistances(
  a: Matrix,
  b: Matrix,
  visit: (i: number, j: number, squared: number) => void,
): void {
  const [lengthsA, lengthsB] = [squaredLengths(a), squaredLengths(b)];
  for (let first = 0; first < a.rows; first += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, a.rows - first);
    const values = a.values.subarray(first * a.columns, (first + rows) * a.columns);
    const products = rowProducts({ rows, columns: a.columns, values }, b).values;
    for (let row = 0; row < rows; row++) {
      const i = first + row;
      for (let j = 0; j < b.rows; j++) {
        const lengths = (lengthsA[i] as number) + (lengthsB[j] as number);
        const squared = lengths - 2 * (products[row * b.rows + j] as number);
        visit(i, j, squared > CLOSE * lengths ? squared : squaredDistance(a, i, b, j));
      }
    }
  }
}

function squaredLengths({ rows, columns, values }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let at = i * columns; at < (i + 1) * columns; at++) sum += (values[at] as number) ** 2;
    return sum;
  });
}

function squaredDistance(a: Matrix, i: number, b: Matrix, j: number): number {
  const [p, q] = [i * a.columns, j * b.columns];
  let sum = 0;
  for (let k = 0; k < a.columns; k++) sum += ((a.values[p + k] as number) - (b.values[q + k] as number)) ** 2;
  return sum;
}
