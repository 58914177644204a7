import { nodeCount, type Lattice, type Vector } from "./lattice";
import { capacity, conductance, type Conductance, type GrowthTissue } from "./tumour-conductance";

/** Where growth starts. */
export interface GrowthSeed {
  readonly at: Vector;
  /** Density at the start, 0..1: a focus that starts with less lags behind. */
  readonly density: number;
}

export interface GrowthRates {
  /** Diffusion in white matter, mm^2 a day; it differs widely between patients (Harpold, Alvord, Swanson 2007, J Neuropathol Exp Neurol 66(1)). */
  readonly diffusion: number;
  /** White over grey: at least 5 (Swanson, Alvord, Murray 2000, Cell Prolif 33(5)). */
  readonly whiteOverGrey: number;
  /** Net proliferation a day; it differs as widely. */
  readonly proliferation: number;
}

/** Largest share of a node's content that leaves through one face in a step; above 1/6 the scheme is unstable. */
const STABLE_SHARE = 0.14;

/** Density above which tissue counts as tumour core when the target volume is checked. */
export const CORE_DENSITY = 0.5;

/**
 * Tumour cell density after growth from seeds: dc/dt = div(D grad c) + rho c (1 - c), the Fisher-Kolmogorov
 * equation, by explicit finite volumes with no flow into CSF or out of the brain.
 *
 * @param targetMl Growth ends when this volume is above CORE_DENSITY, or after `maxSteps`.
 * @returns Density as a share of the carrying capacity, 0..1, one value a node.
 */
export function growTumour(
  tissue: GrowthTissue,
  seeds: readonly GrowthSeed[],
  rates: GrowthRates,
  targetMl: number,
  maxSteps = 260,
): Float32Array {
  const { lattice } = tissue;
  const stepDays = (STABLE_SHARE * lattice.spacingMm ** 2) / rates.diffusion;
  const flow = conductance(tissue, STABLE_SHARE, rates.whiteOverGrey);
  const growth = capacity(tissue);
  for (let i = 0; i < growth.length; i++)
    growth[i] = (growth[i] as number) > 0.25 ? rates.proliferation * stepDays : 0;
  // The front's speed, 2 sqrt(D rho), in nodes a step; what is well ahead of it is negligible.
  const frontNodes = 2 * Math.sqrt(STABLE_SHARE * rates.proliferation * stepDays);
  const nodes = seeds.map(({ at }) => nearestNode(lattice, at));
  let density = new Float32Array(nodeCount(lattice));
  nodes.forEach(([x, y, z], k) => {
    density[x + lattice.dims[0] * (y + lattice.dims[1] * z)] = seeds[k]?.density ?? 1;
  });
  let next = density.slice();
  const alive = new Uint8Array(lattice.dims[1] * lattice.dims[2]);
  for (const [, y, z] of nodes) alive[y + lattice.dims[1] * z] = 1;
  const targetNodes = (targetMl * 1000) / lattice.spacingMm ** 3;
  for (let step = 0; step < maxSteps; step++) {
    const box = boxAround(lattice, nodes, 6 + Math.ceil(1.1 * frontNodes * step + Math.sqrt(step)));
    const core = diffuseAndGrow(lattice, density, next, flow, growth, box, alive);
    [density, next] = [next, density];
    if (core >= targetNodes) break;
  }
  return density;
}

interface Box {
  readonly low: Vector;
  readonly high: Vector;
}

function nearestNode({ originMm, spacingMm, dims }: Lattice, point: Vector): Vector {
  const along = (axis: 0 | 1 | 2): number =>
    Math.min(dims[axis] - 2, Math.max(1, Math.round((point[axis] - originMm[axis]) / spacingMm)));
  return [along(0), along(1), along(2)];
}

/** The inner nodes within `reach` of any of the given nodes. */
function boxAround({ dims }: Lattice, nodes: readonly Vector[], reach: number): Box {
  const bound = (axis: 0 | 1 | 2, sign: 1 | -1): number => {
    const places = nodes.map((node) => node[axis] + sign * reach);
    return sign === 1 ? Math.min(dims[axis] - 2, Math.max(...places)) : Math.max(1, Math.min(...places));
  };
  return { low: [bound(0, -1), bound(1, -1), bound(2, -1)], high: [bound(0, 1), bound(1, 1), bound(2, 1)] };
}

/**
 * One step from `from` to `to` within the box; returns the number of nodes above CORE_DENSITY.
 *
 * @param alive 1 for the rows along x that hold any cells; kept up to date.
 */
function diffuseAndGrow(
  { dims }: Lattice,
  from: Float32Array,
  to: Float32Array,
  flow: Conductance,
  growth: Float32Array,
  { low, high }: Box,
  alive: Uint8Array,
): number {
  const [nx, ny] = dims;
  let core = 0;
  for (let z = low[2]; z <= high[2]; z++)
    for (let y = low[1]; y <= high[1]; y++) {
      const row = y + ny * z;
      const reached = alive[row] || alive[row - 1] || alive[row + 1] || alive[row - ny] || alive[row + ny];
      if (!reached) continue;
      core += stepRow(from, to, flow, growth, nx * row + low[0], nx * row + high[0], nx, nx * ny);
      if (alive[row] === 0 && holdsCells(to, nx * row + low[0], nx * row + high[0])) alive[row] = 1;
    }
  return core;
}

/** The step of one row, from its first node to its last. */
function stepRow(
  from: Float32Array,
  to: Float32Array,
  { x, y, z }: Conductance,
  growth: Float32Array,
  first: number,
  last: number,
  nx: number,
  plane: number,
): number {
  let core = 0;
  let before = from[first - 1] as number;
  let c = from[first] as number;
  let flowBefore = x[first - 1] as number;
  for (let i = first; i <= last; i++) {
    const after = from[i + 1] as number;
    const flowAfter = x[i] as number;
    const change =
      flowAfter * (after - c) +
      flowBefore * (before - c) +
      (y[i] as number) * ((from[i + nx] as number) - c) +
      (y[i - nx] as number) * ((from[i - nx] as number) - c) +
      (z[i] as number) * ((from[i + plane] as number) - c) +
      (z[i - plane] as number) * ((from[i - plane] as number) - c);
    const value = c + change + (growth[i] as number) * c * (1 - c);
    to[i] = value;
    if (value > CORE_DENSITY) core++;
    before = c;
    c = after;
    flowBefore = flowAfter;
  }
  return core;
}

function holdsCells(density: Float32Array, first: number, last: number): boolean {
  for (let i = first; i <= last; i++) if (density[i] !== 0) return true;
  return false;
}
