import { squaredDistances, type GridShape, type GridSpacing } from "./distance-transform";
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
  const surfaces = [annotation, prediction].map((mask) => surfaceOf(crop(mask, shape, box), box.size));
  const [ofAnnotation, ofPrediction] = surfaces as [Uint8Array, Uint8Array];
  if (!ofAnnotation.includes(1) || !ofPrediction.includes(1)) return undefined;
  return {
    fromAnnotation: distancesAt(ofAnnotation, squaredDistances(ofPrediction, box.size, spacingMm)),
    fromPrediction: distancesAt(ofPrediction, squaredDistances(ofAnnotation, box.size, spacingMm)),
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

interface Box {
  readonly start: readonly [number, number, number];
  readonly size: GridShape;
}

/** The smallest box that holds all masks; undefined where all are empty. */
function boundingBox(masks: readonly Uint8Array[], shape: GridShape): Box | undefined {
  const [nx, ny, nz = 1] = shape;
  const low = [nx, ny, nz] as [number, number, number];
  const high = [-1, -1, -1] as [number, number, number];
  for (const mask of masks)
    for (let z = 0; z < nz; z++)
      for (let y = 0; y < ny; y++) {
        const start = nx * (y + ny * z);
        let first = 0;
        while (first < nx && mask[start + first] === 0) first++;
        if (first === nx) continue;
        let last = nx - 1;
        while (mask[start + last] === 0) last--;
        low[0] = Math.min(low[0], first);
        low[1] = Math.min(low[1], y);
        low[2] = Math.min(low[2], z);
        high[0] = Math.max(high[0], last);
        high[1] = Math.max(high[1], y);
        high[2] = Math.max(high[2], z);
      }
  if (high[0] < 0) return undefined;
  const size = (axis: 0 | 1 | 2): number => high[axis] - low[axis] + 1;
  return { start: low, size: shape.length === 2 ? [size(0), size(1)] : [size(0), size(1), size(2)] };
}

function crop(mask: Uint8Array, [nx, ny]: GridShape, { start, size }: Box): Uint8Array {
  const [bx, by, bz = 1] = size;
  const part = new Uint8Array(bx * by * bz);
  for (let z = 0; z < bz; z++)
    for (let y = 0; y < by; y++) {
      const from = start[0] + nx * (start[1] + y + ny * (start[2] + z));
      part.set(mask.subarray(from, from + bx), bx * (y + by * z));
    }
  return part;
}

/** The distances at the voxels of a surface, mm. */
function distancesAt(surface: Uint8Array, squared: Float64Array): Float64Array {
  const distances: number[] = [];
  for (let i = 0; i < surface.length; i++)
    if (surface[i] === 1) distances.push(Math.sqrt(squared[i] as number));
  return Float64Array.from(distances);
}
