import { InputError } from "../errors";
import type { NiftiHeader } from "./nifti-header";

/** Voxels in memory, x varying fastest. */
export type Voxels = Float32Array | Int16Array | Uint8Array;

/**
 * The voxels of one volume as numbers: byte order, scaling and type are settled here.
 *
 * @param content What the file stores, all volumes of it; may be changed in place.
 * @param frame Which volume, 0 in a file of one.
 * @returns uint8 and int16 as they are, int8 as int16, everything else and everything scaled as float32.
 * @throws InputError if voxels are NaN or infinite, with how many.
 */
export function decodeVoxels(path: string, content: Buffer, header: NiftiHeader, frame = 0): Voxels {
  const count = header.shape[0] * header.shape[1] * header.shape[2];
  const { bytes } = header.type;
  let stored = content.subarray(frame * count * bytes, (frame + 1) * count * bytes);
  // A typed array must start at a multiple of its element's size.
  if (stored.byteOffset % bytes !== 0) stored = Buffer.from(new Uint8Array(stored).buffer);
  if (!header.littleEndian) swapBytes(stored, bytes);
  const voxels = typedArray(stored, header, count);
  const unscaled = header.slope === 1 && header.intercept === 0;
  if (unscaled && (voxels instanceof Uint8Array || voxels instanceof Int16Array)) return voxels;
  if (unscaled && voxels instanceof Int8Array) return Int16Array.from(voxels);
  const values = unscaled && voxels instanceof Float32Array ? voxels : toFloat32(voxels, header);
  checkFinite(path, values);
  return values;
}

type Stored =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

function typedArray(stored: Buffer, header: NiftiHeader, count: number): Stored {
  const { buffer, byteOffset } = stored;
  switch (header.type.name) {
    case "uint8":
      return new Uint8Array(buffer, byteOffset, count);
    case "int8":
      return new Int8Array(buffer, byteOffset, count);
    case "int16":
      return new Int16Array(buffer, byteOffset, count);
    case "uint16":
      return new Uint16Array(buffer, byteOffset, count);
    case "int32":
      return new Int32Array(buffer, byteOffset, count);
    case "uint32":
      return new Uint32Array(buffer, byteOffset, count);
    case "float32":
      return new Float32Array(buffer, byteOffset, count);
    case "float64":
      return new Float64Array(buffer, byteOffset, count);
    case "int64":
      return new BigInt64Array(buffer, byteOffset, count);
    case "uint64":
      return new BigUint64Array(buffer, byteOffset, count);
  }
}

function toFloat32(stored: Stored, { slope, intercept }: NiftiHeader): Float32Array {
  const values = new Float32Array(stored.length);
  if (stored instanceof BigInt64Array || stored instanceof BigUint64Array) {
    for (let i = 0; i < values.length; i++) values[i] = Number(stored[i]) * slope + intercept;
  } else {
    for (let i = 0; i < values.length; i++) values[i] = (stored[i] as number) * slope + intercept;
  }
  return values;
}

function swapBytes(bytes: Buffer, size: 1 | 2 | 4 | 8): void {
  if (size === 2) bytes.swap16();
  else if (size === 4) bytes.swap32();
  else if (size === 8) bytes.swap64();
}

function checkFinite(path: string, values: Float32Array): void {
  let nan = 0;
  let infinite = 0;
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i] as number;
    if (value - value === 0) continue;
    if (Number.isNaN(value)) nan++;
    else infinite++;
  }
  if (nan + infinite === 0) return;
  const found = [nan > 0 ? `${nan} NaN` : "", infinite > 0 ? `${infinite} infinite` : ""];
  throw new InputError(
    path,
    `has ${found.filter((text) => text !== "").join(" and ")} of ${values.length} voxels`,
  );
}
