import { mirrored, splineCoefficients, splineWeights } from "./cubic-spline";

/** Height and width of a plane, pixels. */
export type PlaneSize = readonly [height: number, width: number];

/** The size of a plane enlarged by two factors. */
export function zoomedSize([height, width]: PlaneSize, factors: readonly [number, number]): PlaneSize {
  return [Math.max(1, Math.round(height * factors[0])), Math.max(1, Math.round(width * factors[1]))];
}

/**
 * A plane resampled to another size by cubic splines, its corner pixels on each other.
 *
 * @see scipy.ndimage.zoom, order 3.
 */
export function zoomCubic(plane: Float32Array, from: PlaneSize, to: PlaneSize): Float32Array {
  const coefficients = splineCoefficients(plane, from[0], from[1]);
  const wide = new Float64Array(from[0] * to[1]);
  const across = splineTaps(from[1], to[1]);
  for (let row = 0, target = 0; row < from[0]; row++)
    for (let x = 0; x < to[1]; x++, target++) {
      let sum = 0;
      for (let k = 4 * x; k < 4 * x + 4; k++)
        sum +=
          (across.weights[k] as number) *
          (coefficients[row * from[1] + (across.places[k] as number)] as number);
      wide[target] = sum;
    }
  const zoomed = new Float32Array(to[0] * to[1]);
  const down = splineTaps(from[0], to[0]);
  for (let r = 0, target = 0; r < to[0]; r++)
    for (let x = 0; x < to[1]; x++, target++) {
      let sum = 0;
      for (let k = 4 * r; k < 4 * r + 4; k++)
        sum += (down.weights[k] as number) * (wide[(down.places[k] as number) * to[1] + x] as number);
      zoomed[target] = sum;
    }
  return zoomed;
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

/** The middle of a plane at another size, `outside` around it where that is larger. */
export function fitCentre<T extends Float32Array | Uint8Array>(
  plane: T,
  from: PlaneSize,
  to: PlaneSize,
  outside: number,
): T {
  const fitted = new (plane.constructor as new (length: number) => T)(to[0] * to[1]).fill(outside) as T;
  const [top, left] = [centred(from[0], to[0]), centred(from[1], to[1])];
  const width = Math.min(from[1], to[1]);
  for (let row = 0; row < Math.min(from[0], to[0]); row++) {
    const start = (row + top.from) * from[1] + left.from;
    fitted.set(plane.subarray(start, start + width), (row + top.to) * to[1] + left.to);
  }
  return fitted;
}

/** Where the common part of two lengths begins in each. */
function centred(from: number, to: number): { readonly from: number; readonly to: number } {
  return { from: Math.max(0, (from - to) >> 1), to: Math.max(0, (to - from) >> 1) };
}

/** For each target the four coefficients that it is the sum of, and their weights. */
function splineTaps(
  from: number,
  to: number,
): { readonly places: Int32Array; readonly weights: Float64Array } {
  const places = new Int32Array(4 * to);
  const weights = new Float64Array(4 * to);
  for (let i = 0; i < to; i++) {
    const position = sourceOf(i, from, to);
    const first = Math.floor(position);
    splineWeights(position - first, weights.subarray(4 * i, 4 * i + 4));
    for (let k = 0; k < 4; k++) places[4 * i + k] = mirrored(first - 1 + k, from);
  }
  return { places, weights };
}

function sourceOf(target: number, from: number, to: number): number {
  return to === 1 ? 0 : Math.min(from - 1, (target * (from - 1)) / (to - 1));
}
