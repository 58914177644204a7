import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** A NIfTI file made byte by byte from the format's description, apart from the library's own writer. */
export interface RawNifti {
  readonly version?: 1 | 2;
  readonly littleEndian?: boolean;
  readonly dims?: readonly number[];
  readonly code?: number;
  readonly values: readonly number[];
  readonly slope?: number;
  readonly intercept?: number;
  readonly sform?: readonly number[];
  /** b, c, d, then the offset. */
  readonly qform?: readonly [number, number, number, number, number, number];
  readonly pixdims?: readonly number[];
  /** Bytes between the header and the voxels, a multiple of 16. */
  readonly extension?: number;
}

type Put = (view: DataView, at: number, value: number, little: boolean) => void;

const PUT: Readonly<Record<number, readonly [bytes: number, put: Put]>> = {
  2: [1, (view, at, value) => view.setUint8(at, value)],
  4: [2, (view, at, value, little) => view.setInt16(at, value, little)],
  8: [4, (view, at, value, little) => view.setInt32(at, value, little)],
  16: [4, (view, at, value, little) => view.setFloat32(at, value, little)],
  64: [8, (view, at, value, little) => view.setFloat64(at, value, little)],
  256: [1, (view, at, value) => view.setInt8(at, value)],
  512: [2, (view, at, value, little) => view.setUint16(at, value, little)],
  768: [4, (view, at, value, little) => view.setUint32(at, value, little)],
  1024: [8, (view, at, value, little) => view.setBigInt64(at, BigInt(value), little)],
  1280: [8, (view, at, value, little) => view.setBigUint64(at, BigInt(value), little)],
};

/** The bytes of the file, uncompressed. */
export function rawNifti(raw: RawNifti): Buffer {
  const { version = 1, littleEndian: little = true, code = 4, extension = 0 } = raw;
  const dims = raw.dims ?? [raw.values.length, 1, 1];
  const [bytes, put] = PUT[code] ?? [4, () => undefined];
  const offset = (version === 1 ? 352 : 544) + extension;
  const file = Buffer.alloc(offset + raw.values.length * bytes);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const pixdims = raw.pixdims ?? [1, 1, 1, 1];
  const allDims = [dims.length, ...dims, ...Array<number>(7 - dims.length).fill(1)];
  if (version === 1) {
    view.setInt32(0, 348, little);
    allDims.forEach((size, i) => view.setInt16(40 + 2 * i, size, little));
    view.setInt16(70, code, little);
    view.setInt16(72, 8 * bytes, little);
    pixdims.forEach((size, i) => view.setFloat32(76 + 4 * i, size, little));
    view.setFloat32(108, offset, little);
    view.setFloat32(112, raw.slope ?? 0, little);
    view.setFloat32(116, raw.intercept ?? 0, little);
    if (raw.qform) view.setInt16(252, 1, little);
    if (raw.sform) view.setInt16(254, 1, little);
    raw.qform?.forEach((value, i) => view.setFloat32(256 + 4 * i, value, little));
    raw.sform?.forEach((value, i) => view.setFloat32(280 + 4 * i, value, little));
    file.write("n+1\0", 344, "latin1");
  } else {
    view.setInt32(0, 540, little);
    file.write("n+2\0\r\n\x1a\n", 4, "latin1");
    view.setInt16(12, code, little);
    view.setInt16(14, 8 * bytes, little);
    allDims.forEach((size, i) => view.setBigInt64(16 + 8 * i, BigInt(size), little));
    pixdims.forEach((size, i) => view.setFloat64(104 + 8 * i, size, little));
    view.setBigInt64(168, BigInt(offset), little);
    view.setFloat64(176, raw.slope ?? 0, little);
    view.setFloat64(184, raw.intercept ?? 0, little);
    if (raw.qform) view.setInt32(344, 1, little);
    if (raw.sform) view.setInt32(348, 1, little);
    raw.qform?.forEach((value, i) => view.setFloat64(352 + 8 * i, value, little));
    raw.sform?.forEach((value, i) => view.setFloat64(400 + 8 * i, value, little));
  }
  if (extension > 0) {
    file[version === 1 ? 348 : 540] = 1;
    view.setInt32(version === 1 ? 352 : 544, extension, little);
  }
  raw.values.forEach((value, i) => put(view, offset + i * bytes, value, little));
  return file;
}

/** Writes the file, compressed where the path ends in .gz. */
export function writeRawNifti(path: string, raw: RawNifti): void {
  writeFileSync(path, path.endsWith(".gz") ? gzipSync(rawNifti(raw)) : rawNifti(raw));
}
