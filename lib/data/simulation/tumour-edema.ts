import { nodeCount } from "./lattice";
import { conductance, LEAST_TISSUE, type GrowthTissue } from "./tumour-conductance";

/** Successive over-relaxation: steps are taken this much too far, which converges several times faster. */
const OVER_RELAXATION = 1.6;

/**
 * Fluid that leaks from the tumour, spreads along white matter and is resorbed: the steady state of
 * div(D grad e) = k e with e = 1 in the tumour, by over-relaxed Gauss-Seidel sweeps.
 *
 * @param source Nodes where the fluid leaks.
 * @param permeability How easily fluid passes at each node, about 1: tracts that differ let it advance in fingers.
 * @param reachMm sqrt(D / k) in white matter: the distance over which it fades to 1/e.
 * @returns 0..1, one value a node.
 * @see Reulen et al. 1977, J Neurosurg 46(1): vasogenic edema spreads by bulk flow through white matter.
 */
export function spreadFluid(
  tissue: GrowthTissue,
  source: (node: number) => boolean,
  reachMm: number,
  whiteOverGrey: number,
  permeability?: Float32Array,
  sweeps = 30,
): Float32Array {
  const { lattice } = tissue;
  const [nx, ny, nz] = lattice.dims;
  const plane = nx * ny;
  const flow = conductance(tissue, 1, whiteOverGrey, permeability);
  const resorption = (lattice.spacingMm / reachMm) ** 2;
  const fluid = new Float32Array(nodeCount(lattice));
  const inner: number[] = [];
  for (let z = 1; z < nz - 1; z++)
    for (let y = 1; y < ny - 1; y++)
      for (let x = 1; x < nx - 1; x++) {
        const i = x + nx * (y + ny * z);
        if (source(i)) fluid[i] = 1;
        else if ((tissue.gm[i] as number) + (tissue.wm[i] as number) >= LEAST_TISSUE) inner.push(i);
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
