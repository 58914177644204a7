import { squaredDistancesAt, type GridShape, type GridSpacing } from "./distance-transform";
import { boundingBox, crop } from "./mask-box";
import { quantile } from "./quantile";

/** Distances between the surfaces of an annotated and a predicted mask, mm; one a surface voxel, unordered. */
export interface SurfaceDistances {
  /** From each voxel of the annotation's surface to the nearest of the prediction's. */
  readonly fromAnnotation: Float64Array;
  /** From each voxel of the prediction's surface to the nearest of the annotation's. */
  readonly fromPrediction: Float64Array;
}

/**
 * Distances between two surfaces. A mask's surface are its voxels with a face neighbour (in an image: an edge
 * neighbour) that is not of the mask; beyond the border nothing is.
 *
 * @param annotation Not 0 in the mask, x fastest.
 * @param spacingMm Distance between neighbours along x, y (and z).
 * @returns Undefined where a mask is empty: there is no surface to measure from.
 * @throws RangeError if the masks do not have the shape given.
 */
export function surfaceDistances(
  annotation: Uint8Array,
  prediction: Uint8Array,
  shape: GridShape,
  spacingMm: GridSpacing,
): SurfaceDistances | undefined {
  const voxels = shape.reduce((product, size) => product * size, 1);
  if (annotation.length !== voxels || prediction.length !== voxels || spacingMm.length !== shape.length)
    throw new RangeError(
      `masks of ${annotation.length} and ${prediction.length} voxels do not have the shape [${shape}]`,
    );
  const box = boundingBox([annotation, prediction], shape);
  if (box === undefined) return undefined;
  // Nothing of the masks lies outside the box, so that cutting it out changes no surface.
  const ofAnnotation = surfaceOf(crop(annotation, shape, box), box.size);
  const ofPrediction = surfaceOf(crop(prediction, shape, box), box.size);
  if (!ofAnnotation.includes(1) || !ofPrediction.includes(1)) return undefined;
  const distances = (from: Uint8Array, to: Uint8Array): Float64Array =>
    squaredDistancesAt(voxelsOf(from), to, box.size, spacingMm).map(Math.sqrt);
  return {
    fromAnnotation: distances(ofAnnotation, ofPrediction),
    fromPrediction: distances(ofPrediction, ofAnnotation),
  };
}

/** The largest distance from one surface to the other, either way, mm: the study's measure. */
export function hausdorff(distances: SurfaceDistances): number {
  return hausdorffPercentile(distances, 1);
}

/**
 * The larger of the two directed quantiles, mm; 0.95 gives Hausdorff 95.
 *
 * @see Huttenlocher et al. 1993, IEEE TPAMI 15(9); MONAI's compute_hausdorff_distance.
 */
export function hausdorffPercentile(distances: SurfaceDistances, share: number): number {
  return Math.max(quantile(distances.fromAnnotation, share), quantile(distances.fromPrediction, share));
}

/** Average symmetric surface distance as the study has it: the mean of the two directed means, mm. */
export function averageSurfaceDistance({ fromAnnotation, fromPrediction }: SurfaceDistances): number {
  return (mean(fromAnnotation) + mean(fromPrediction)) / 2;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** 1 at the surface of a mask, 0 elsewhere. */
export function surfaceOf(mask: Uint8Array, shape: GridShape): Uint8Array {
  const surface = new Uint8Array(mask.length);
  const [nx, ny, nz = 1] = shape;
  const plane = nx * ny;
  const flat = shape.length === 2;
  for (let z = 0, i = 0; z < nz; z++)
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++, i++) {
        if (mask[i] === 0) continue;
        const inside =
          x > 0 &&
          x < nx - 1 &&
          y > 0 &&
          y < ny - 1 &&
          mask[i - 1] !== 0 &&
          mask[i + 1] !== 0 &&
          mask[i - nx] !== 0 &&
          mask[i + nx] !== 0 &&
          (flat || (z > 0 && z < nz - 1 && mask[i - plane] !== 0 && mask[i + plane] !== 0));
        if (!inside) surface[i] = 1;
      }
  return surface;
}

/** Indices of the voxels of a mask. */
function voxelsOf(mask: Uint8Array): Int32Array {
  const voxels: number[] = [];
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) voxels.push(i);
  return Int32Array.from(voxels);
}
