import { nodeCount, type Lattice, type Vector } from "./lattice";

/** Tissue fractions at the nodes of the lattice on which the tumour grows. */
export interface GrowthTissue {
  readonly lattice: Lattice;
  readonly gm: Float32Array;
  readonly wm: Float32Array;
}

/** Flow between neighbouring nodes along x, y and z, as share of the difference that passes in a step. */
interface Conductance {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly z: Float32Array;
}

export interface GrowthRates {
  /** Diffusion in white matter, mm^2 a day: 0.02-1.5 (Harpold, Alvord, Swanson 2007, J Neuropathol 66(1)). */
  readonly diffusion: number;
  /** White over grey: at least 5 (Swanson, Alvord, Murray 2000, Cell Prolif 33(5)). */
  readonly whiteOverGrey: number;
  /** Net proliferation a day: 0.002-0.2 (Harpold et al. 2007). */
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
  seeds: readonly Vector[],
  rates: GrowthRates,
  targetMl: number,
  maxSteps = 260,
): Float32Array {
  const { lattice } = tissue;
  const stepDays = (STABLE_SHARE * lattice.spacingMm ** 2) / rates.diffusion;
  const flow = conductance(tissue, STABLE_SHARE, rates.whiteOverGrey);
  const growth = capacity(tissue).map((share) => (share > 0.25 ? rates.proliferation * stepDays : 0));
  // The front's speed, 2 sqrt(D rho), in nodes a step; what is well ahead of it is negligible.
  const frontNodes = 2 * Math.sqrt(STABLE_SHARE * rates.proliferation * stepDays);
  const nodes = seeds.map((seed) => nearestNode(lattice, seed));
  let density = new Float32Array(nodeCount(lattice));
  for (const [x, y, z] of nodes) density[x + lattice.dims[0] * (y + lattice.dims[1] * z)] = 1;
  let next = density.slice();
  const targetNodes = (targetMl * 1000) / lattice.spacingMm ** 3;
  for (let step = 0; step < maxSteps; step++) {
    const box = boxAround(lattice, nodes, 6 + Math.ceil(1.1 * frontNodes * step + Math.sqrt(step)));
    const core = diffuseAndGrow(lattice, density, next, flow, growth, box);
    [density, next] = [next, density];
    if (core >= targetNodes) break;
  }
  return density;
}

/** Share of each node through which cells can pass: nothing in CSF or outside the brain. */
function capacity({ gm, wm }: GrowthTissue): Float32Array {
  return gm.map((grey, i) => grey + (wm[i] as number));
}

/** Harmonic means of neighbouring diffusivities: 0 where either side holds none. */
function conductance(tissue: GrowthTissue, whiteShare: number, whiteOverGrey: number): Conductance {
  const { gm, wm, lattice } = tissue;
  const [nx, ny] = lattice.dims;
  const local = capacity(tissue).map((share, i) =>
    share < 0.45 ? 0 : whiteShare * ((wm[i] as number) + (gm[i] as number) / whiteOverGrey),
  );
  const between = (offset: number): Float32Array => {
    const faces = new Float32Array(local.length);
    for (let i = 0; i + offset < local.length; i++) {
      const a = local[i] as number;
      const b = local[i + offset] as number;
      faces[i] = a > 0 && b > 0 ? (2 * a * b) / (a + b) : 0;
    }
    return faces;
  };
  return { x: between(1), y: between(nx), z: between(nx * ny) };
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

/** One step from `from` to `to` within the box; returns the number of nodes above CORE_DENSITY. */
function diffuseAndGrow(
  { dims }: Lattice,
  from: Float32Array,
  to: Float32Array,
  flow: Conductance,
  growth: Float32Array,
  { low, high }: Box,
): number {
  const [nx, ny] = dims;
  const plane = nx * ny;
  let core = 0;
  for (let z = low[2]; z <= high[2]; z++)
    for (let y = low[1]; y <= high[1]; y++) {
      const row = nx * (y + ny * z);
      for (let i = row + low[0]; i <= row + high[0]; i++) {
        const c = from[i] as number;
        const change =
          (flow.x[i] as number) * ((from[i + 1] as number) - c) +
          (flow.x[i - 1] as number) * ((from[i - 1] as number) - c) +
          (flow.y[i] as number) * ((from[i + nx] as number) - c) +
          (flow.y[i - nx] as number) * ((from[i - nx] as number) - c) +
          (flow.z[i] as number) * ((from[i + plane] as number) - c) +
          (flow.z[i - plane] as number) * ((from[i - plane] as number) - c);
        const value = c + change + (growth[i] as number) * c * (1 - c);
        to[i] = value;
        if (value > CORE_DENSITY) core++;
      }
    }
  return core;
}

/** Successive over-relaxation: steps are taken this much too far, which converges several times faster. */
const OVER_RELAXATION = 1.6;

/**
 * Fluid that leaks from the tumour, spreads along white matter and is resorbed: the steady state of
 * div(D grad e) = k e with e = 1 in the tumour, by over-relaxed Gauss-Seidel sweeps.
 *
 * @param source Nodes where the fluid leaks.
 * @param reachMm sqrt(D / k) in white matter: the distance over which it fades to 1/e.
 * @returns 0..1, one value a node.
 * @see Reulen et al. 1977, J Neurosurg 46(1): vasogenic edema spreads by bulk flow through white matter.
 */
export function spreadFluid(
  tissue: GrowthTissue,
  source: (node: number) => boolean,
  reachMm: number,
  whiteOverGrey: number,
  sweeps = 30,
): Float32Array {
  const { lattice } = tissue;
  const [nx, ny, nz] = lattice.dims;
  const plane = nx * ny;
  const flow = conductance(tissue, 1, whiteOverGrey);
  const resorption = (lattice.spacingMm / reachMm) ** 2;
  const fluid = new Float32Array(nodeCount(lattice));
  const inner: number[] = [];
  for (let z = 1; z < nz - 1; z++)
    for (let y = 1; y < ny - 1; y++)
      for (let x = 1; x < nx - 1; x++) {
        const i = x + nx * (y + ny * z);
        if (source(i)) fluid[i] = 1;
        else if ((tissue.gm[i] as number) + (tissue.wm[i] as number) >= 0.45) inner.push(i);
      }
  const order = Int32Array.from(inner);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let k = 0; k < order.length; k++) {
      const i = order[sweep % 2 === 0 ? k : order.length - 1 - k] as number;
      const a = flow.x[i] as number;
      const b = flow.x[i - 1] as number;
      const c = flow.y[i] as number;
      const d = flow.y[i - nx] as number;
      const e = flow.z[i] as number;
      const f = flow.z[i - plane] as number;
      const inflow =
        a * (fluid[i + 1] as number) +
        b * (fluid[i - 1] as number) +
        c * (fluid[i + nx] as number) +
        d * (fluid[i - nx] as number) +
        e * (fluid[i + plane] as number) +
        f * (fluid[i - plane] as number);
      const balanced = inflow / (a + b + c + d + e + f + resorption);
      fluid[i] = (fluid[i] as number) + OVER_RELAXATION * (balanced - (fluid[i] as number));
    }
  }
  return fluid;
}
