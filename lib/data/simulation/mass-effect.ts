import type { Anatomy } from "./anatomy";
import { gaussianSmooth } from "./gaussian-smooth";
import { nodeCount, nodePosition, sampleField, type Lattice } from "./lattice";
import { exponential, type Displacement } from "./warp";

/** Widths of the Gaussians whose slopes push: next to the mass, and through the hemisphere. */
const NEAR_MM = 9;
const FAR_MM = 24;

/** The skull yields nothing: displacement fades to 0 over this distance from the surface. */
const SKULL_MM = 14;

/**
 * Displacement of tissue by a growing mass: the flow down the slope of the smoothed tumour density, which is
 * smooth, invertible and 0 at the skull. Distant ventricles and midline are reached by the wide Gaussian.
 *
 * @param tumour Core of the tumour, 0..1, on `tumourLattice`.
 * @param warp Where each node of `lattice` lies in the atlas, for the distance from the skull.
 * @param pushMm Largest displacement, mm.
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
  const count = nodeCount(lattice);
  const mass = massOn(lattice, tumourLattice, tumour);
  const near = gaussianSmooth(lattice, mass, NEAR_MM);
  const far = gaussianSmooth(lattice, mass, FAR_MM);
  const velocity = { x: new Float32Array(count), y: new Float32Array(count), z: new Float32Array(count) };
  const [nx, ny, nz] = lattice.dims;
  const plane = nx * ny;
  let fastest = 1e-9;
  for (let z = 1; z < nz - 1; z++)
    for (let y = 1; y < ny - 1; y++)
      for (let i = 1 + nx * (y + ny * z); i < nx - 1 + nx * (y + ny * z); i++) {
        const slope = (step: number): number =>
          (near[i + step] as number) -
          (near[i - step] as number) +
          12 * ((far[i + step] as number) - (far[i - step] as number));
        const [px, py, pz] = nodePosition(lattice, i);
        const depth = sampleField(
          anatomy.coarse,
          anatomy.depthMm,
          px + (warp.x[i] as number),
          py + (warp.y[i] as number),
          pz + (warp.z[i] as number),
        );
        const give = Math.min(1, Math.max(0, depth / SKULL_MM));
        const [sx, sy, sz] = [give * slope(1), give * slope(nx), give * slope(plane)];
        velocity.x[i] = sx;
        velocity.y[i] = sy;
        velocity.z[i] = sz;
        fastest = Math.max(fastest, Math.hypot(sx, sy, sz));
      }
  for (const field of [velocity.x, velocity.y, velocity.z])
    for (let i = 0; i < count; i++) field[i] = ((field[i] as number) * pushMm) / fastest;
  return exponential(lattice, velocity);
}

/** The tumour's core on the head's lattice, 0 outside the tumour's own. */
function massOn(lattice: Lattice, tumourLattice: Lattice, tumour: Float32Array): Float32Array {
  const { originMm, spacingMm, dims } = tumourLattice;
  return Float32Array.from({ length: nodeCount(lattice) }, (_, i) => {
    const point = nodePosition(lattice, i);
    const inside = point.every((at, k) => {
      const place = (at - (originMm[k] ?? 0)) / spacingMm;
      return place >= 0 && place <= (dims[k] ?? 0) - 1;
    });
    return inside ? sampleField(tumourLattice, tumour, ...point) : 0;
  });
}
