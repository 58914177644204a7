import type { Anatomy } from "./anatomy";
import { fieldInHead, type Displacement } from "./displacement";
import { gaussianSmooth } from "./gaussian-smooth";
import { nodeCount, sampleField, type Lattice } from "./lattice";
import { exponential } from "./warp";

/** Widths of the Gaussians whose slopes push: next to the mass, and through the hemisphere. */
const NEAR_MM = 9;
const FAR_MM = 24;

/** Weight of the wide Gaussian's slope, which is the smaller of the two: it shifts the midline. */
const FAR_WEIGHT = 16;

/** The skull yields nothing: displacement fades to 0 over this distance from the surface. */
const SKULL_MM = 14;

/**
 * CSF is pressed out of the ventricles next to the mass: the tissue moves down the slope of their density, so many
 * mm times mm for each mm that the mass displaces.
 */
const SQUEEZE_MM = 55;

/**
 * Displacement of tissue by a growing mass: the flow down the slope of the smoothed tumour density, which is
 * smooth, invertible and 0 at the skull. Distant ventricles and midline are reached by the wide Gaussian.
 *
 * @param tumour Swelling of the tissue, 0..1, on `tumourLattice`.
 * @param warp Where each node of `lattice` lies in the atlas, for the distance from the skull.
 * @param pushMm Largest displacement by the mass itself, mm.
 * @returns For each node of the deformed head, the way to the place that its tissue came from.
 * @see Hogea, Biros et al. 2007, and Clatz et al. 2005, IEEE TMI 24(10), for mass effect coupled to density.
 */
export function massEffect(
  lattice: Lattice,
  anatomy: Anatomy,
  warp: Displacement,
  tumourLattice: Lattice,
  tumour: Float32Array,
  pushMm: number,
): Displacement {
  const mass = massOn(lattice, tumourLattice, tumour);
  const near = gaussianSmooth(lattice, mass, NEAR_MM);
  const far = gaussianSmooth(lattice, mass, FAR_MM);
  const depth = fieldInHead(anatomy.coarse, anatomy.depthMm, lattice, warp);
  const ventricles = fieldInHead(anatomy.coarse, anatomy.ventricles, lattice, warp);
  const [nx, ny] = lattice.dims;
  const count = far.length;
  let farthest = 1e-9;
  const give = new Float32Array(count);
  const mixed = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    farthest = Math.max(farthest, far[i] as number);
    give[i] = Math.min(1, Math.max(0, (depth[i] as number) / SKULL_MM));
    mixed[i] = (near[i] as number) + FAR_WEIGHT * (far[i] as number);
  }
  const along = (step: number): Float32Array => slopeAlong(step, mixed, give);
  const push = { x: along(1), y: along(nx), z: along(nx * ny) };
  const steepest = steepestOf(push);
  // The ventricle beside the mass yields far more than the one across: the square of the wide Gaussian.
  const perFar = SQUEEZE_MM / (2 * lattice.spacingMm * farthest ** 2);
  for (const [slope, step] of [
    [push.x, 1],
    [push.y, nx],
    [push.z, nx * ny],
  ] as const) {
    const squeeze = slopeAlong(step, ventricles, give);
    for (let i = 0; i < count; i++)
      slope[i] =
        pushMm *
        ((slope[i] as number) / steepest - perFar * (far[i] as number) ** 2 * (squeeze[i] as number));
  }
  return exponential(lattice, push);
}

/** The largest length of a field of vectors. */
function steepestOf({ x, y, z }: Displacement): number {
  let most = 1e-18;
  for (let i = 0; i < x.length; i++)
    most = Math.max(most, (x[i] as number) ** 2 + (y[i] as number) ** 2 + (z[i] as number) ** 2);
  return Math.sqrt(most);
}

/** Difference of a field between the neighbours on both sides, times a factor; 0 at the ends of the array. */
function slopeAlong(step: number, field: Float32Array, factor: Float32Array): Float32Array {
  const slope = new Float32Array(factor.length);
  for (let i = step; i + step < slope.length; i++)
    if (factor[i] !== 0)
      slope[i] = (factor[i] as number) * ((field[i + step] as number) - (field[i - step] as number));
  return slope;
}

/** The tumour's swelling on the head's lattice, 0 outside the tumour's own. */
function massOn(lattice: Lattice, tumourLattice: Lattice, tumour: Float32Array): Float32Array {
  const { originMm, spacingMm, dims } = tumourLattice;
  const mass = new Float32Array(nodeCount(lattice));
  const outside = (at: number, axis: 0 | 1 | 2): boolean => {
    const place = (at - originMm[axis]) / spacingMm;
    return place < 0 || place > dims[axis] - 1;
  };
  let i = -1;
  for (let c = 0; c < lattice.dims[2]; c++)
    for (let b = 0; b < lattice.dims[1]; b++)
      for (let a = 0; a < lattice.dims[0]; a++) {
        i++;
        const x = lattice.originMm[0] + a * lattice.spacingMm;
        const y = lattice.originMm[1] + b * lattice.spacingMm;
        const z = lattice.originMm[2] + c * lattice.spacingMm;
        if (outside(x, 0) || outside(y, 1) || outside(z, 2)) continue;
        mass[i] = sampleField(tumourLattice, tumour, x, y, z);
      }
  return mass;
}
