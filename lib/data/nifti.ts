import { InputError } from "../errors";
import { writeFileAtomic } from "../storage/atomic-write";
import { gzip } from "./gzip";
import { quaternionOfAffine, type Affine } from "./nifti-affine";
import { readNiftiFile, type NiftiContent } from "./nifti-file";
import type { Orientation } from "./nifti-header";
import { decodeVoxels, type Voxels } from "./nifti-voxels";

/** A volume as it stands in a NIfTI file, intensities scaled as its header asks. */
export interface NiftiVolume {
  /** [X, Y, Z]. */
  readonly shape: readonly [number, number, number];
  readonly spacingMm: readonly [number, number, number];
  /** 4x4, voxel indices to mm in RAS+. */
  readonly affine: Affine;
  /** Where the affine was read; left out in a volume that was made here. */
  readonly orientation?: Orientation;
  /** Length X * Y * Z, x varying fastest. */
  readonly data: Voxels;
}

/** Shape of every BraTS volume, 1 mm voxels. */
export const BRATS_SHAPE = [240, 240, 155] as const;

/** Geometry of every BraTS volume: x grows to the patient's left, y to the back, z upwards (LPS). */
export const BRATS_AFFINE: Affine = [
  [-1, 0, 0, 0],
  [0, -1, 0, 239],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
];

/**
 * Reads one 3D volume (an image as one slice) from `.nii`, `.nii.gz` or either half of a `.hdr`/`.img` pair, NIfTI-1 or NIfTI-2, of
 * either byte order.
 *
 * @throws InputError if the file is missing, cut short, damaged, not one 3D volume, or has voxels that are
 *   NaN or infinite.
 */
export function readNifti(path: string): NiftiVolume {
  const content = readNiftiFile(path);
  const { shape, frames } = content.header;
  if (frames !== 1)
    throw new InputError(path, `has the shape ${[...shape, frames].join(" x ")}, expected one 3D volume`);
  return volumeOf(path, content, 0);
}

/** As readNifti, for a file that may hold several volumes along a fourth axis. */
export function readNiftiFrames(path: string): readonly NiftiVolume[] {
  const content = readNiftiFile(path);
  return Array.from({ length: content.header.frames }, (_, frame) => volumeOf(path, content, frame));
}

function volumeOf(path: string, { header, stored }: NiftiContent, frame: number): NiftiVolume {
  const { shape, spacingMm, affine, orientation } = header;
  return { shape, spacingMm, affine, orientation, data: decodeVoxels(path, stored, header, frame) };
}

/**
 * Writes a volume as NIfTI-1, compressed where the path ends in `.gz`: uint8, int16 or float32 by the type of
 * its data, affine as sform and, where its axes are at right angles, as qform. Whole or not at all; the same volume gives the same bytes.
 *
 * @throws InputError if the disk is full or the folder cannot be written.
 * @throws RangeError if the data do not fill the shape.
 */
export function writeNifti(path: string, volume: NiftiVolume): void {
  const { shape, data } = volume;
  if (data.length !== shape[0] * shape[1] * shape[2])
    throw new RangeError(`${path}: ${data.length} voxels do not fill the shape ${shape.join(" x ")}`);
  const voxels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const parts = [encodeHeader(volume), voxels];
  writeFileAtomic(path, path.endsWith(".gz") ? gzip(parts) : parts);
}

/** The 348 bytes of a NIfTI-1 header and the four that say that no extension follows. */
function encodeHeader({ shape, spacingMm, affine, data }: NiftiVolume): Buffer {
  const header = Buffer.alloc(352);
  const [code, bits] = data instanceof Uint8Array ? [2, 8] : data instanceof Int16Array ? [4, 16] : [16, 32];
  const quaternion = quaternionOfAffine(affine);
  header.writeInt32LE(348, 0);
  header.write("r", 38, "latin1");
  [3, ...shape, 1, 1, 1, 1].forEach((size, i) => header.writeInt16LE(size, 40 + 2 * i));
  header.writeInt16LE(code, 70);
  header.writeInt16LE(bits, 72);
  [quaternion?.qfac ?? 1, ...spacingMm].forEach((size, i) => header.writeFloatLE(size, 76 + 4 * i));
  header.writeFloatLE(352, 108);
  header.writeFloatLE(1, 112); // Slope of the intensities; the intercept stays 0.
  header.writeUInt8(2, 123); // Millimetres.
  header.writeInt16LE(quaternion === undefined ? 0 : 1, 252); // Scanner coordinates, as in BraTS.
  header.writeInt16LE(1, 254);
  if (quaternion !== undefined)
    [quaternion.b, quaternion.c, quaternion.d].forEach((value, i) => header.writeFloatLE(value, 256 + 4 * i));
  [0, 1, 2].forEach((i) => header.writeFloatLE(affine[i]?.[3] ?? 0, 268 + 4 * i));
  affine
    .slice(0, 3)
    .flat()
    .forEach((value, i) => header.writeFloatLE(value, 280 + 4 * i));
  header.write("n+1\0", 344, "latin1");
  return header;
}
