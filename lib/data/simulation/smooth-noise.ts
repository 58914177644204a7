import type { Rng } from "../../backend/rng";
import { nodeCount, type Lattice } from "./lattice";

/** Root mean square of a cubic B-spline of white noise along one axis, averaged over a cell. */
const SPLINE_RMS = 0.692;

/**
 * A smooth random field with mean 0 and standard deviation about 1: white noise on control points, interpolated
 * by cubic B-splines, so it is twice continuously differentiable and has no grid to be seen.
 *
 * @param controlMm Distance of the control points; bumps are about twice as wide.
 * @returns One value a node of the lattice.
 */
export function smoothNoise(rng: Rng, lattice: Lattice, controlMm: number): Float32Array {
  const cells = lattice.dims.map((n) => Math.floor(((n - 1) * lattice.spacingMm) / controlMm) + 4);
  const [cx, cy, cz] = cells as [number, number, number];
  const stream = rng.stream();
  const controls = new Float32Array(cx * cy * cz);
  const scale = SPLINE_RMS ** 3;
  for (let i = 0; i < controls.length; i++) controls[i] = stream.normal() / scale;
  const ratio = lattice.spacingMm / controlMm;
  const [nx, ny, nz] = lattice.dims;
  // x by interpolating every control row, then y, then z.
  const alongX = splineAxis(controls, 1, cx, cy * cz, nx, ratio);
  const alongY = splineAxis(alongX, nx, cy, cz, ny, ratio);
  return splineAxis(alongY, nx * ny, cz, 1, nz, ratio);
}

/** The sum of fields of several control distances, each with its own standard deviation. */
export function layeredNoise(
  rng: Rng,
  lattice: Lattice,
  layers: readonly { readonly controlMm: number; readonly deviation: number }[],
): Float32Array {
  const sum = new Float32Array(nodeCount(lattice));
  layers.forEach(({ controlMm, deviation }, layer) => {
    const field = smoothNoise(rng.fork(layer), lattice, controlMm);
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + deviation * (field[i] as number);
  });
  return sum;
}

/**
 * Interpolates one axis by cubic B-splines: [outer, cells, inner] to [outer, nodes, inner].
 *
 * @param ratio Node spacing over control spacing.
 */
function splineAxis(
  from: Float32Array,
  inner: number,
  cells: number,
  outer: number,
  nodes: number,
  ratio: number,
): Float32Array {
  const to = new Float32Array(outer * nodes * inner);
  for (let node = 0; node < nodes; node++) {
    const cell = Math.floor(node * ratio);
    const t = node * ratio - cell;
    const w0 = (1 - t) ** 3 / 6;
    const w1 = (3 * t ** 3 - 6 * t ** 2 + 4) / 6;
    const w2 = (-3 * t ** 3 + 3 * t ** 2 + 3 * t + 1) / 6;
    const w3 = t ** 3 / 6;
    for (let o = 0; o < outer; o++) {
      const source = (o * cells + cell) * inner;
      const target = (o * nodes + node) * inner;
      mixFour(from, source, inner, to, target, w0, w1, w2, w3);
    }
  }
  return to;
}

/** Writes a mix of four stretches of `from`, one after another from `source`, to `target`. */
function mixFour(
  from: Float32Array,
  source: number,
  length: number,
  to: Float32Array,
  target: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): void {
  for (let i = 0; i < length; i++) {
    const a = source + i;
    to[target + i] =
      w0 * (from[a] as number) +
      w1 * (from[a + length] as number) +
      w2 * (from[a + 2 * length] as number) +
      w3 * (from[a + 3 * length] as number);
  }
}
