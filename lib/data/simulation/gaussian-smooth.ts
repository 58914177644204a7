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
  for (let start = 0; start < from.length; start += block) {
    for (let k = 0; k < length; k++) {
      const target = start + k * inner;
      to.fill(0, target, target + inner);
      const reach = kernel.length - 1;
      for (let j = Math.max(0, k - reach); j <= Math.min(length - 1, k + reach); j++) {
        const weight = kernel[Math.abs(j - k)] as number;
        const source = start + j * inner;
        for (let i = 0; i < inner; i++)
          to[target + i] = (to[target + i] as number) + weight * (from[source + i] as number);
      }
    }
  }
}

/** Convolves the last axis of [outer, length]. */
function convolveRows(from: Float32Array, to: Float32Array, length: number, kernel: Float64Array): void {
  const reach = kernel.length - 1;
  const row = new Float64Array(length + 2 * reach);
  for (let start = 0; start < from.length; start += length) {
    for (let k = 0; k < length; k++) row[k + reach] = from[start + k] as number;
    for (let k = 0; k < length; k++) {
      let sum = (kernel[0] as number) * (row[k + reach] as number);
      for (let j = 1; j <= reach; j++)
        sum += (kernel[j] as number) * ((row[k + reach - j] as number) + (row[k + reach + j] as number));
      to[start + k] = sum;
    }
  }
}
