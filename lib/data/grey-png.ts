import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { PNG } from "pngjs";
import { explainFileError, InputError } from "../errors";

/**
 * How the pixels of a PNG stand. The study's MATLAB script writes rows along the patient's left-to-right and
 * columns along back-to-front, so a head lies on its side; "upright" is the orientation of a SliceSet. Each
 * is the anti-transpose of the other: row r, column c of one is row S-1-c, column S-1-r of the other.
 */
export type PngOrientation = "study" | "upright";

/** Far above any image of the study, far below what would fill the memory. */
const LARGEST_SIDE = 4096;
const LARGEST_BYTES = 2 ** 26;

/** A grey image. */
export interface GreyImage {
  /** [H, W], 0 to 255, row after row. */
  readonly grey: Uint8Array;
  /** W. */
  readonly width: number;
  /** H. */
  readonly height: number;
}

/** A square grey image. */
export interface SquareImage extends Pick<GreyImage, "grey"> {
  /** Its sides. */
  readonly size: number;
}

/**
 * Reads a square grey PNG of 8 bits; one stored in colour is read by its red, 16 bits by the upper 8.
 *
 * @param expected Its side in pixels; any by default.
 * @throws InputError if it is missing, broken, not square or of another size.
 */
export function readGreyPng(path: string, expected: number | undefined): SquareImage {
  const { grey, width } = readGreyImage(path, (w, h) => {
    if (w !== h || w !== (expected ?? w))
      throw new InputError(path, `is ${w} x ${h}, expected ${expected ?? h} squared`);
  });
  return { grey, size: width };
}

/**
 * The same of any rectangle.
 *
 * @param check Refuses a size before pixels are unpacked.
 */
export function readGreyImage(path: string, check: (width: number, height: number) => void): GreyImage {
  const bytes = readBounded(path);
  // The size stands first: what it promises is checked before pixels are unpacked.
  const isPng = bytes.length >= 33 && bytes.toString("latin1", 12, 16) === "IHDR";
  if (!isPng) throw new InputError(path, "is not a readable PNG: no header");
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  check(width, height);
  if (width > LARGEST_SIDE || height > LARGEST_SIDE)
    throw new InputError(path, `is ${width} x ${height}, more than ${LARGEST_SIDE} squared`);
  const { data } = decode(path, bytes);
  const grey = new Uint8Array(width * height);
  for (let i = 0; i < grey.length; i++) grey[i] = data[4 * i] as number; // Red of RGBA.
  return { grey, width, height };
}

/** Mirrors an S x S image at its other diagonal; twice gives the image back. */
export function antiTranspose(image: Uint8Array, size: number): Uint8Array {
  const turned = new Uint8Array(image.length);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      turned[(size - 1 - column) * size + size - 1 - row] = image[row * size + column] as number;
  return turned;
}

function readBounded(path: string): Buffer {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw explainFileError(path, error);
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new InputError(path, "is not a regular file");
    if (stat.size > LARGEST_BYTES) throw new InputError(path, "is larger than any image of the study");
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

function decode(path: string, bytes: Buffer): PNG {
  try {
    return PNG.sync.read(bytes);
  } catch (error) {
    throw new InputError(path, `is not a readable PNG: ${error instanceof Error ? error.message : ""}`);
  }
}
