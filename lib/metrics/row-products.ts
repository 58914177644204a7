import { nativeRowProducts } from "../backend/double-products";
import { matrix, type Matrix } from "./matrix";

/** Products below this number of multiplications cost less than their way to the native backend. */
const NATIVE_FROM = 1e6;

/** Columns that are multiplied at once, so that the rows in use stay in the processor's cache. */
const PANEL = 256;

/**
 * Products of every row of one matrix with every row of another, A B^T, in double precision: by the native
 * backend where it is the active one, by JavaScript otherwise.
 *
 * @param a [N, K]. @param b [M, K]. @returns [N, M].
 * @throws RangeError if the rows are not of one length.
 */
export function rowProducts(a: Matrix, b: Matrix): Matrix {
  if (a.columns !== b.columns)
    throw new RangeError(`rows of ${a.columns} values against rows of ${b.columns}`);
  if (a.rows * b.rows * a.columns >= NATIVE_FROM) {
    const values = nativeRowProducts(a, b);
    if (values !== undefined) return { rows: a.rows, columns: b.rows, values };
  }
  return portableRowProducts(a, b);
}

/** The same in JavaScript alone: blocks of 3 x 3 products, whose sums stay in registers. */
export function portableRowProducts(a: Matrix, b: Matrix): Matrix {
  const products = matrix(a.rows, b.rows);
  const [wholeRows, wholeColumns] = [a.rows - (a.rows % 3), b.rows - (b.rows % 3)];
  for (let start = 0; start < a.columns; start += PANEL) {
    const end = Math.min(start + PANEL, a.columns);
    for (let i = 0; i < wholeRows; i += 3)
      for (let j = 0; j < wholeColumns; j += 3) addBlock(products, a, b, i, j, start, end);
  }
  for (let i = 0; i < a.rows; i++)
    for (let j = i < wholeRows ? wholeColumns : 0; j < b.rows; j++)
      products.values[i * b.rows + j] = dot(a, i, b, j);
  return products;
}

/** The product of row i of one matrix with row j of another. */
function dot(a: Matrix, i: number, b: Matrix, j: number): number {
  const [p, q] = [i * a.columns, j * b.columns];
  let sum = 0;
  for (let k = 0; k < a.columns; k++) sum += (a.values[p + k] as number) * (b.values[q + k] as number);
  return sum;
}

/** Adds the products of three rows with three rows over the columns from `start` to `end`. */
function addBlock(c: Matrix, a: Matrix, b: Matrix, i: number, j: number, start: number, end: number): void {
  const [x, y, width] = [a.values, b.values, a.columns];
  const [p0, q0] = [i * width, j * width];
  const [p1, p2, q1, q2] = [p0 + width, p0 + 2 * width, q0 + width, q0 + 2 * width];
  let [c00, c01, c02, c10, c11, c12, c20, c21, c22] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (let k = start; k < end; k++) {
    const x0 = x[p0 + k] as number;
    const x1 = x[p1 + k] as number;
    const x2 = x[p2 + k] as number;
    const y0 = y[q0 + k] as number;
    const y1 = y[q1 + k] as number;
    const y2 = y[q2 + k] as number;
    c00 += x0 * y0;
    c01 += x0 * y1;
    c02 += x0 * y2;
    c10 += x1 * y0;
    c11 += x1 * y1;
    c12 += x1 * y2;
    c20 += x2 * y0;
    c21 += x2 * y1;
    c22 += x2 * y2;
  }
  addRow(c, i, j, c00, c01, c02);
  addRow(c, i + 1, j, c10, c11, c12);
  addRow(c, i + 2, j, c20, c21, c22);
}

function addRow({ values, columns }: Matrix, i: number, j: number, s0: number, s1: number, s2: number): void {
  const at = i * columns + j;
  values[at] = (values[at] as number) + s0;
  values[at + 1] = (values[at + 1] as number) + s1;
  values[at + 2] = (values[at + 2] as number) + s2;
}
