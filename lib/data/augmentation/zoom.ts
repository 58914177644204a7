import { splineCoefficients, splinePlaces, splineWeights } from "./cubic-spline";

/** Height and width of a plane, pixels. */
export type PlaneSize = readonly [height: number, width: number];

/** The size of a plane enlarged by two factors. */
export function zoomedSize([height, width]: PlaneSize, factors: readonly [number, number]): PlaneSize {
  return [Math.max(1, Math.round(height * factors[0])), Math.max(1, Math.round(width * factors[1]))];
}

/**
 * An image resampled to another size by cubic splines, its corner pixels on each other.
 *
 * @param pixels [H, W, C] flattened.
 * @see scipy.ndimage.zoom, order 3.
 */
export function zoomCubic(pixels: Float32Array, from: PlaneSize, to: PlaneSize, channels = 1): Float32Array {
  const coefficients = splineCoefficients(pixels, from[0], from[1], channels);
  const line = to[1] * channels;
  const wide = new Float64Array(from[0] * line);
  const across = splineTaps(from[1], to[1], channels);
  for (let row = 0; row < from[0]; row++)
    for (let x = 0; x < to[1]; x++)
      sumTaps(coefficients, row * from[1] * channels, across, x, wide, row * line + x * channels, channels);
  const zoomed = new Float32Array(to[0] * line);
  const down = splineTaps(from[0], to[0], line);
  for (let r = 0; r < to[0]; r++) sumTaps(wide, 0, down, r, zoomed, r * line, line);
  return zoomed;
}

/** Writes `count` neighbouring sums of four. */
function sumTaps(
  source: Float64Array,
  start: number,
  { places, weights }: SplineTaps,
  tap: number,
  target: Float32Array | Float64Array,
  at: number,
  count: number,
): void {
  const k = 4 * tap;
  const [w0, w1] = [weights[k] as number, weights[k + 1] as number];
  const [w2, w3] = [weights[k + 2] as number, weights[k + 3] as number];
  const [p0, p1] = [start + (places[k] as number), start + (places[k + 1] as number)];
  const [p2, p3] = [start + (places[k + 2] as number), start + (places[k + 3] as number)];
  for (let i = 0; i < count; i++)
    target[at + i] =
      w0 * (source[p0 + i] as number) +
      w1 * (source[p1 + i] as number) +
      w2 * (source[p2 + i] as number) +
      w3 * (source[p3 + i] as number);
}

/** A plane resampled as by zoomCubic, each pixel that of the nearest. @see scipy.ndimage.zoom, order 0. */
export function zoomNearest<T extends Float32Array | Uint8Array>(
  plane: T,
  from: PlaneSize,
  to: PlaneSize,
): T {
  const zoomed = new (plane.constructor as new (length: number) => T)(to[0] * to[1]);
  const columns = Int32Array.from({ length: to[1] }, (_, x) => Math.floor(sourceOf(x, from[1], to[1]) + 0.5));
  for (let r = 0, target = 0; r < to[0]; r++) {
    const start = Math.floor(sourceOf(r, from[0], to[0]) + 0.5) * from[1];
    for (let x = 0; x < to[1]; x++) zoomed[target++] = plane[start + (columns[x] as number)] as number;
  }
  return zoomed;
}

/** The middle of an image, [H, W, C], at another size, `outside` around it where that is larger. */
export function fitCentre<T extends Float32Array | Uint8Array>(
  pixels: T,
  from: PlaneSize,
  to: PlaneSize,
  outside: number,
  channels = 1,
): T {
  const fitted = new (pixels.constructor as new (length: number) => T)(to[0] * to[1] * channels);
  fitted.fill(outside);
  const [top, left] = [centred(from[0], to[0]), centred(from[1], to[1])];
  const width = Math.min(from[1], to[1]) * channels;
  for (let row = 0; row < Math.min(from[0], to[0]); row++) {
    const start = ((row + top.from) * from[1] + left.from) * channels;
    fitted.set(pixels.subarray(start, start + width), ((row + top.to) * to[1] + left.to) * channels);
  }
  return fitted;
}

/** Where the common part of two lengths begins in each. */
function centred(from: number, to: number): { readonly from: number; readonly to: number } {
  return { from: Math.max(0, (from - to) >> 1), to: Math.max(0, (to - from) >> 1) };
}

/** For each target the four coefficients that it is the sum of, and their weights. */
interface SplineTaps {
  readonly places: Int32Array;
  readonly weights: Float64Array;
}

/** @param step From a sample of the line to the next. */
function splineTaps(from: number, to: number, step: number): SplineTaps {
  const places = new Int32Array(4 * to);
  const weights = new Float64Array(4 * to);
  for (let i = 0; i < to; i++) {
    const position = sourceOf(i, from, to);
    const first = Math.floor(position);
    splineWeights(position - first, weights.subarray(4 * i, 4 * i + 4));
    splinePlaces(first, from, step, places.subarray(4 * i, 4 * i + 4));
  }
  return { places, weights };
}

function sourceOf(target: number, from: number, to: number): number {
  return to === 1 ? 0 : Math.min(from - 1, (target * (from - 1)) / (to - 1));
}
