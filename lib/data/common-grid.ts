import { InputError } from "../errors";
import { toBratsFrame, type FramedVolume } from "./brats-frame";
import type { NiftiVolume } from "./nifti";
import { spacingOfAffine, type Affine } from "./nifti-affine";
import type { Voxels } from "./nifti-voxels";

/** Two volumes whose voxels of one index are at one place. */
export interface CommonGrid {
  readonly shape: readonly [number, number, number];
  readonly spacingMm: readonly [number, number, number];
  readonly first: Voxels;
  readonly second: Voxels;
}

/** Farthest that the same voxel may be apart in two volumes, in voxels: rounding in headers stays far below. */
const TOLERANCE = 0.1;

/**
 * Brings two volumes onto one grid without resampling: as they are where their affines agree, and with axes
 * exchanged and mirrored where that makes them agree. A header that is silent about its place agrees with all.
 *
 * @param path Of the second volume, which is to blame where they do not fit.
 * @throws InputError if shape or spacing differ, or the affines put the voxels at other places.
 */
export function onCommonGrid(path: string, first: NiftiVolume, second: NiftiVolume): CommonGrid {
  const silent = first.orientation === "none" || second.orientation === "none";
  const distance = apart(first.affine, second.affine, first.shape);
  if (silent || (agrees(first.shape, second.shape, 0) && distance < TOLERANCE))
    return byIndex(path, first, second);

  const [one, two] = [framedOrNot(path, first), framedOrNot(path, second)];
  if (one?.affine && two?.affine && agrees(one.shape, two.shape, 0))
    if (apart(one.affine, two.affine, one.shape) < TOLERANCE)
      return { shape: one.shape, spacingMm: spacingOfAffine(one.affine), first: one.data, second: two.data };

  byIndex(path, first, second); // Where shape or spacing differ, that is the plainer fault.
  throw new InputError(
    path,
    `has an affine that puts its voxels up to ${distance.toFixed(1)} voxels away from the annotation's`,
    "Resample it to the annotation's grid, or pair voxels by their index with --by-index",
  );
}

/**
 * Pairs voxels by their index, whatever the affines say.
 *
 * @throws InputError if shape or spacing differ.
 */
export function byIndex(path: string, first: NiftiVolume, second: NiftiVolume): CommonGrid {
  for (const [field, one, two, tolerance] of [
    ["shape", first.shape, second.shape, 0],
    ["spacing in mm", first.spacingMm, second.spacingMm, 1e-3],
  ] as const)
    if (!agrees(one, two, tolerance))
      throw new InputError(
        path,
        `has the ${field} [${two.join(", ")}], the annotation [${one.join(", ")}]`,
        "Resample one of them to the other's grid",
      );
  return { shape: first.shape, spacingMm: first.spacingMm, first: first.data, second: second.data };
}

function agrees(a: readonly number[], b: readonly number[], tolerance: number): boolean {
  return a.every((value, axis) => Math.abs(value - (b[axis] ?? Number.NaN)) <= tolerance);
}

/** How far a voxel of a grid lies apart by two affines, in voxels of the smallest side: the farthest corner. */
function apart(one: Affine, two: Affine, shape: readonly [number, number, number]): number {
  const side = Math.min(...spacingOfAffine(one));
  let farthest = 0;
  for (let corner = 0; corner < 8; corner++) {
    const voxel = [...shape.map((size, axis) => ((corner >> axis) & 1) * (size - 1)), 1];
    const offsets = [0, 1, 2].map((row) =>
      voxel.reduce(
        (sum, at, column) => sum + at * ((one[row]?.[column] ?? 0) - (two[row]?.[column] ?? 0)),
        0,
      ),
    );
    farthest = Math.max(farthest, Math.hypot(...offsets));
  }
  return farthest / side;
}

/** Undefined for an oblique volume, whose axes have no order of the body's. */
function framedOrNot(path: string, volume: NiftiVolume): FramedVolume | undefined {
  try {
    return toBratsFrame(path, volume);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
