import type { MimeBundle } from "./displayable";
import { pngOfPixels } from "./pixel-picture";

/** A 3D image as the library reads it: x varies fastest. */
interface ShownVolume {
  readonly shape: readonly [number, number, number];
  readonly spacingMm: readonly [number, number, number];
  readonly data: ArrayLike<number>;
}

/** Pixels of red, green, blue and opacity, as decoders of PNG give them. */
interface ShownImage {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/** Share of the voxels that may be brighter than white: vessels and coils would leave the rest dark. */
const CLIPPED = 0.005;
const LARGEST_SIDE = 1024;

export function isVolume(value: object): value is ShownVolume {
  return "spacingMm" in value && "data" in value && "shape" in value && isOfLength3(value.shape);
}

export function isImage(value: object): value is ShownImage {
  if (!("width" in value && "height" in value && "data" in value)) return false;
  const { width, height, data } = value;
  return (
    Number.isInteger(width) &&
    Number.isInteger(height) &&
    ArrayBuffer.isView(data) &&
    data.byteLength === 4 * Number(width) * Number(height) &&
    Number(width) > 0 &&
    Number(height) > 0
  );
}

/** A volume by its size and range, and its middle slices from above, from the front and from the side. */
export function volumeBundle({ shape, spacingMm, data }: ShownVolume): MimeBundle {
  const [nx, ny, nz] = shape;
  const { low, high, white } = rangeOf(data);
  const text = `Volume ${shape.join(" x ")}, ${spacingMm.map((mm) => Number(mm.toFixed(3))).join(" x ")} mm, range [${low}, ${high}]`;
  if (Math.max(nx, ny, nz) > LARGEST_SIDE || !(white > low)) return { "text/plain": text };
  const [x0, y0, z0] = [nx >> 1, ny >> 1, nz >> 1];
  const grey = (x: number, y: number, z: number): number =>
    (255 * ((data[(z * ny + y) * nx + x] as number) - low)) / (white - low);
  const height = Math.max(ny, nz);
  const picture = pngOfPixels(2 * nx + ny, height, (column, row) => {
    const up = nz - 1 - row;
    let value = 0;
    if (column < nx) value = row < ny ? grey(column, row, z0) : 0;
    else if (up >= 0) value = column < 2 * nx ? grey(column - nx, y0, up) : grey(x0, column - 2 * nx, up);
    return [value, value, value];
  });
  return { "image/png": picture, "text/plain": text };
}

export function imageBundle({ width, height, data }: ShownImage): MimeBundle {
  const at = (x: number, y: number, channel: number): number => data[4 * (y * width + x) + channel] as number;
  const picture = pngOfPixels(width, height, (x, y) => [at(x, y, 0), at(x, y, 1), at(x, y, 2)]);
  return { "image/png": picture, "text/plain": `Image ${width} x ${height}` };
}

function rangeOf(data: ArrayLike<number>): { low: number; high: number; white: number } {
  // A sample of at most some ten thousand voxels tells the brightest of them well enough for a picture.
  const step = Math.max(1, Math.floor(data.length / 50_000));
  const sample: number[] = [];
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (value < low) low = value;
    if (value > high) high = value;
    if (i % step === 0) sample.push(value);
  }
  sample.sort((a, b) => a - b);
  return { low, high, white: sample[Math.floor((1 - CLIPPED) * (sample.length - 1))] ?? high };
}

function isOfLength3(shape: unknown): boolean {
  return (
    Array.isArray(shape) && shape.length === 3 && shape.every((side) => Number.isInteger(side) && side > 0)
  );
}
