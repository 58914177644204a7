import { InputError } from "../errors";
import type { NiftiVolume } from "./nifti";
import { spacingOfAffine, type Affine } from "./nifti-affine";
import type { Voxels } from "./nifti-voxels";

/** A volume in the BraTS frame. */
export interface FramedVolume {
  readonly shape: readonly [number, number, number];
  readonly data: Voxels;
  /** Of the axes as they stand here; undefined where the header is silent. */
  readonly affine: Affine | undefined;
}

/** Directions of the BraTS axes in RAS+: x to the left, y to the back, z upwards. */
const SIGNS = [-1, -1, 1] as const;

/** Largest share of an axis that may point along another one: 3 degrees. */
const LARGEST_TILT = 0.05;

/**
 * The voxels of a volume in the order of BraTS (LPS): axes exchanged and mirrored as its affine says.
 * Volumes of BraTS are returned as they are, and so are those whose header is silent about their orientation:
 * NIfTI leaves it open there, and programs differ (nibabel takes LAS, ITK takes LPS).
 *
 * @throws InputError if the axes are not those of the patient's body (an oblique scan).
 */
export function toBratsFrame(path: string, volume: NiftiVolume): FramedVolume {
  if (volume.orientation === "none") return { shape: volume.shape, data: volume.data, affine: undefined };
  const axes = SIGNS.map((sign, world) => sourceAxis(path, volume, world, sign));
  const [x, y, z] = axes;
  if (!x || !y || !z || new Set(axes.map(({ axis }) => axis)).size !== 3) throw oblique(path);
  if (axes.every(({ axis, mirrored }, world) => axis === world && !mirrored)) return volume;

  const [sizeX, sizeY] = volume.shape;
  const strides = [1, sizeX, sizeX * sizeY];
  const steps = axes.map(({ axis, mirrored }) => (strides[axis] ?? 0) * (mirrored ? -1 : 1));
  const [stepX = 0, stepY = 0, stepZ = 0] = steps;
  const shape = [x.size, y.size, z.size] as const;
  const start = axes.reduce((at, axis, w) => at - (axis.mirrored ? (steps[w] ?? 0) * (axis.size - 1) : 0), 0);
  const data = volume.data.slice();
  let target = 0;
  for (let k = 0; k < shape[2]; k++)
    for (let j = 0; j < shape[1]; j++) {
      let source = start + j * stepY + k * stepZ;
      for (let i = 0; i < shape[0]; i++, source += stepX) data[target++] = volume.data[source] as number;
    }
  return { shape, data, affine: turnedAffine(volume.affine, axes) };
}

/** The affine of the same voxels after their axes are exchanged and mirrored. */
function turnedAffine(affine: Affine, axes: readonly SourceAxis[]): Affine {
  return affine.map((row) => {
    const at = (column: number): number => row[column] ?? 0;
    const start = axes.reduce(
      (sum, { axis, mirrored, size }) => sum + (mirrored ? at(axis) * (size - 1) : 0),
      at(3),
    );
    return [...axes.map(({ axis, mirrored }) => (mirrored ? -at(axis) : at(axis)) + 0), start];
  });
}

interface SourceAxis {
  readonly axis: number;
  readonly mirrored: boolean;
  readonly size: number;
}

/** Which axis of the array runs along a world axis, and whether against the BraTS direction. */
function sourceAxis(path: string, { affine, shape }: NiftiVolume, world: number, sign: number): SourceAxis {
  const spacing = spacingOfAffine(affine);
  const direction = [0, 1, 2].map((axis) => (affine[world]?.[axis] ?? 0) / (spacing[axis] ?? 1));
  const along = direction.findIndex((part) => Math.abs(part) > 1 - LARGEST_TILT);
  const size = shape[along];
  if (size === undefined || direction.some((part, axis) => axis !== along && Math.abs(part) > LARGEST_TILT))
    throw oblique(path);
  return { axis: along, mirrored: Math.sign(direction[along] ?? 0) !== sign, size };
}

function oblique(path: string): InputError {
  return new InputError(path, "is oblique: its axes are not the patient's", "Resample it to the BraTS frame");
}
