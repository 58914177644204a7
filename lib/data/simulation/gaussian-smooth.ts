import { nodeCount, type Lattice } from "./lattice";

/**
 * A field smoothed by a Gaussian, one axis after another; beyond the lattice the field is taken as 0.
 *
 * @param sigmaMm Standard deviation of the Gaussian; the kernel is cut at three of them.
 * @returns A new field, one value a node.
 */
export function gaussianSmooth(lattice: Lattice, field: Float32Array, sigmaMm: number): Float32Array {
  const kernel = gaussianKernel(sigmaMm / lattice.spacingMm);
  const [nx, ny, nz] = lattice.dims;
  let from: Float32Array = field;
  let to: Float32Array = new Float32Array(nodeCount(lattice));
  for (const [inner, length] of [
    [1, nx],
    [nx, ny],
    [nx * ny, nz],
  ] as const) {
    convolveAxis(from, to, inner, length, kernel);
    [from, to] = [to, from === field ? new Float32Array(to.length) : from];
  }
  return from;
}

/** Weights of offsets 0, 1, 2, ..., such that the whole kernel sums to 1. */
function gaussianKernel(sigma: number): Float64Array {
  const reach = Math.max(1, Math.ceil(3 * sigma));
  const half = Float64Array.from({ length: reach + 1 }, (_, i) => Math.exp(-0.5 * (i / sigma) ** 2));
  const total = 2 * half.reduce((sum, weight) => sum + weight, 0) - (half[0] ?? 0);
  return half.map((weight) => weight / total);
}

/** Convolves the middle axis of [outer, length, inner]. */
function convolveAxis(
  from: Float32Array,
  to: Float32Array,
  inner: number,
  length: number,
  kernel: Float64Array,
): void {
  if (inner === 1) {
    convolveRows(from, to, length, kernel);
    return;
  }
  const block = inner * length;
  const reach = kernel.length - 1;
  const weight = (offset: number): number => kernel[Math.abs(offset)] as number;
  for (let start = 0; start < from.length; start += block) {
    // Where the field is 0 there is nothing to add.
    const filled: number[] = [];
    for (let j = 0; j < length; j++) if (!isZero(from, start + j * inner, inner)) filled.push(j);
    let first = 0;
    let end = 0;
    for (let k = 0; k < length; k++) {
      const target = start + k * inner;
      to.fill(0, target, target + inner);
      while (first < filled.length && (filled[first] as number) < k - reach) first++;
      while (end < filled.length && (filled[end] as number) <= k + reach) end++;
      let n = first;
      for (; n + 1 < end; n += 2) {
        const a = filled[n] as number;
        const b = filled[n + 1] as number;
        addTwo(to, target, inner, from, start + a * inner, weight(a - k), start + b * inner, weight(b - k));
      }
      if (n < end) {
        const a = filled[n] as number;
        addOne(to, target, inner, from, start + a * inner, weight(a - k));
      }
    }
  }
}

function isZero(field: Float32Array, start: number, length: number): boolean {
  for (let i = start; i < start + length; i++) if (field[i] !== 0) return false;
  return true;
}

/** Adds a weighted stretch of `from` to one of `to`. */
function addOne(
  to: Float32Array,
  target: number,
  length: number,
  from: Float32Array,
  source: number,
  weight: number,
): void {
  for (let i = 0; i < length; i++)
    to[target + i] = (to[target + i] as number) + weight * (from[source + i] as number);
}

/** Adds one weighted stretch, then another, each sum in single precision. */
function addTwo(
  to: Float32Array,
  target: number,
  length: number,
  from: Float32Array,
  sourceA: number,
  weightA: number,
  sourceB: number,
  weightB: number,
): void {
  for (let i = 0; i < length; i++) {
    const sum = Math.fround((to[target + i] as number) + weightA * (from[sourceA + i] as number));
    to[target + i] = sum + weightB * (from[sourceB + i] as number);
  }
}

/** Convolves the last axis of [outer, length]. */
function convolveRows(from: Float32Array, to: Float32Array, length: number, kernel: Float64Array): void {
  const reach = kernel.length - 1;
  const row = new Float64Array(length + 2 * reach);
  for (let start = 0; start < from.length; start += length) {
    if (isZero(from, start, length)) {
      to.fill(0, start, start + length);
      continue;
    }
    for (let k = 0; k < length; k++) row[k + reach] = from[start + k] as number;
    for (let k = 0; k < length; k++) {
      let sum = (kernel[0] as number) * (row[k + reach] as number);
      for (let j = 1; j <= reach; j++)
        sum += (kernel[j] as number) * ((row[k + reach - j] as number) + (row[k + reach + j] as number));
      to[start + k] = sum;
    }
  }
}
