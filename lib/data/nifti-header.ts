import { InputError } from "../errors";
import { affineOfQuaternion, spacingOfAffine, type Affine } from "./nifti-affine";
import { niftiReader } from "./nifti-reader-module";

/** How voxels stand in a file: name and bytes of each NIfTI type that holds one real number. */
export const VOXEL_TYPES = {
  2: { name: "uint8", bytes: 1 },
  4: { name: "int16", bytes: 2 },
  8: { name: "int32", bytes: 4 },
  16: { name: "float32", bytes: 4 },
  64: { name: "float64", bytes: 8 },
  256: { name: "int8", bytes: 1 },
  512: { name: "uint16", bytes: 2 },
  768: { name: "uint32", bytes: 4 },
  1024: { name: "int64", bytes: 8 },
  1280: { name: "uint64", bytes: 8 },
} as const;
export type VoxelType = (typeof VOXEL_TYPES)[keyof typeof VOXEL_TYPES];

/** Which part of a header places the voxels; "none" where it is silent and programs guess differently. */
export type Orientation = "sform" | "qform" | "none";

/** What reading needs of a NIfTI header. */
export interface NiftiHeader {
  readonly shape: readonly [number, number, number];
  /** Volumes in the file, 1 in most. */
  readonly frames: number;
  /** Whether the voxels stand in a file of their own, `.img`. */
  readonly pair: boolean;
  readonly spacingMm: readonly [number, number, number];
  readonly affine: Affine;
  readonly orientation: Orientation;
  readonly type: VoxelType;
  readonly littleEndian: boolean;
  /** Bytes before the first voxel. */
  readonly offset: number;
  /** value = slope * stored + intercept; 1 and 0 where the header asks for no scaling. */
  readonly slope: number;
  readonly intercept: number;
}

/**
 * Reads a NIfTI-1 or NIfTI-2 header of either byte order.
 *
 * @param opening The first bytes of the file, uncompressed; 540 of them where the file is that long.
 * @throws InputError if it is no NIfTI file, has more than four axes or of a voxel type that is not a real number.
 */
export function readHeader(path: string, opening: Uint8Array): NiftiHeader {
  const { bytes, version, pair } = headerBytes(path, opening);
  const view = new DataView(bytes);
  const header = niftiReader().readHeader(bytes, true);
  const type = (VOXEL_TYPES as Partial<Record<number, VoxelType>>)[header.datatypeCode];
  if (type === undefined)
    throw new InputError(path, `has voxels of an unsupported type (NIfTI code ${header.datatypeCode})`);
  const spacing = (i: number): number => Math.abs(header.pixDims[i] ?? 1) || 1;
  const spacingMm = [spacing(1), spacing(2), spacing(3)] as const;
  const smallestOffset = pair ? 0 : version === 1 ? 352 : 544;
  const scaled = Number.isFinite(header.scl_slope) && header.scl_slope !== 0;
  const intercept = scaled ? header.scl_inter : 0;
  if (!Number.isFinite(intercept)) throw new InputError(path, `has the intensity intercept ${intercept}`);
  if (!(header.vox_offset >= 0 && header.vox_offset < 2 ** 31))
    throw new InputError(path, `has its voxels at the impossible offset ${header.vox_offset}`);
  return {
    ...shapeOf(path, header.dims),
    pair,
    spacingMm,
    affine: affineOf(path, view, version, header, spacingMm),
    orientation: header.sform_code > 0 ? "sform" : header.qform_code > 0 ? "qform" : "none",
    type,
    littleEndian: header.littleEndian,
    offset: Math.max(smallestOffset, Math.trunc(header.vox_offset)),
    slope: scaled ? header.scl_slope : 1,
    intercept,
  };
}

/** The header alone, in an ArrayBuffer of its own, without the extensions that may follow. */
function headerBytes(
  path: string,
  opening: Uint8Array,
): { bytes: ArrayBuffer; version: 1 | 2; pair: boolean } {
  if (opening.byteLength < 348) throw new InputError(path, "is too short for a NIfTI file");
  const magic = (at: number): string => Buffer.from(opening.subarray(at, at + 3)).toString("latin1");
  const version = /^n[+i]1$/.test(magic(344)) ? 1 : /^n[+i]2$/.test(magic(4)) ? 2 : undefined;
  if (version === undefined) throw new InputError(path, "is not a NIfTI file");
  const length = version === 1 ? 348 : 540;
  if (opening.byteLength < length) throw new InputError(path, "is too short for a NIfTI file");
  const bytes = new ArrayBuffer(length);
  new Uint8Array(bytes).set(opening.subarray(0, length));
  const view = new DataView(bytes);
  if (view.getInt32(0, true) !== length && view.getInt32(0, false) !== length)
    throw new InputError(path, "is not a NIfTI file: its header has a wrong length");
  return { bytes, version, pair: magic(version === 1 ? 344 : 4)[1] === "i" };
}

/** Axes of length 1 after the third are left away; one longer axis counts volumes. An image is one slice. */
function shapeOf(path: string, dims: readonly number[]): Pick<NiftiHeader, "shape" | "frames"> {
  const [rank = 0, ...all] = dims;
  if (!(rank >= 1 && rank <= 7)) throw new InputError(path, `has ${rank} axes, expected 3`);
  const sizes = all.slice(0, rank);
  if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 1))
    throw new InputError(path, `has the impossible shape ${sizes.join(" x ")}`);
  const [x, y, z = 1, frames = 1] = sizes;
  if (x === undefined || y === undefined || sizes.slice(4).some((size) => size !== 1))
    throw new InputError(path, `has the shape ${sizes.join(" x ")}, expected one 3D volume`);
  return { shape: [x, y, z], frames };
}

/** The affine by the header's own order of preference: sform, then quaternion, then the voxel sizes alone. */
function affineOf(
  path: string,
  view: DataView,
  version: 1 | 2,
  header: ReturnType<ReturnType<typeof niftiReader>["readHeader"]>,
  spacingMm: readonly [number, number, number],
): Affine {
  const { littleEndian } = header;
  let affine: Affine;
  if (header.sform_code > 0) {
    // Read here: the package prefers the quaternion where its code is the larger one.
    const value = (i: number): number =>
      version === 1 ? view.getFloat32(280 + 4 * i, littleEndian) : view.getFloat64(400 + 8 * i, littleEndian);
    affine = [...[0, 1, 2].map((row) => [0, 1, 2, 3].map((column) => value(4 * row + column))), [0, 0, 0, 1]];
  } else if (header.qform_code > 0) {
    const { quatern_b: b, quatern_c: c, quatern_d: d } = header;
    const offset = [header.qoffset_x, header.qoffset_y, header.qoffset_z] as const;
    affine = affineOfQuaternion({ b, c, d, qfac: (header.pixDims[0] ?? 1) < 0 ? -1 : 1 }, offset, spacingMm);
  } else {
    const [dx, dy, dz] = spacingMm;
    affine = [
      [dx, 0, 0, 0],
      [0, dy, 0, 0],
      [0, 0, dz, 0],
      [0, 0, 0, 1],
    ];
  }
  if (!affine.flat().every(Number.isFinite)) throw new InputError(path, "has an affine that is not finite");
  if (spacingOfAffine(affine).some((size) => size === 0))
    throw new InputError(path, "has an affine that gives an axis no length");
  return affine;
}
