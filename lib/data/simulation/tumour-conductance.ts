import type { Lattice } from "./lattice";

/** Tissue fractions at the nodes of the lattice on which the tumour grows. */
export interface GrowthTissue {
  readonly lattice: Lattice;
  readonly gm: Float32Array;
  readonly wm: Float32Array;
}

/** Flow between neighbouring nodes along x, y and z, as share of the difference that passes in a step. */
export interface Conductance {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly z: Float32Array;
}

/** Nodes with less tissue than this let nothing pass. */
export const LEAST_TISSUE = 0.45;

/** Share of each node through which cells can pass: nothing in CSF or outside the brain. */
export function capacity({ gm, wm }: GrowthTissue): Float32Array {
  const share = new Float32Array(gm.length);
  for (let i = 0; i < share.length; i++) share[i] = (gm[i] as number) + (wm[i] as number);
  return share;
}

/**
 * Harmonic means of neighbouring diffusivities: 0 where either side holds none.
 *
 * @param permeability A factor for each node, where not all white matter is alike.
 */
export function conductance(
  tissue: GrowthTissue,
  whiteShare: number,
  whiteOverGrey: number,
  permeability?: Float32Array,
): Conductance {
  const { gm, wm, lattice } = tissue;
  const [nx, ny] = lattice.dims;
  const local = capacity(tissue);
  for (let i = 0; i < local.length; i++)
    local[i] =
      (local[i] as number) < LEAST_TISSUE
        ? 0
        : whiteShare * (permeability?.[i] ?? 1) * ((wm[i] as number) + (gm[i] as number) / whiteOverGrey);
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
