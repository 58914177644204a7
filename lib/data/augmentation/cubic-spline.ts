/** Pole of the filter that turns samples into coefficients of cubic B-splines. */
const POLE = Math.sqrt(3) - 2;
/** The filter's response is below 1e-16 after so many samples. */
const REACH = 28;

/**
 * Coefficients of the cubic spline through the pixels of a plane, which is mirrored about its first and last
 * rows and columns.
 *
 * @param plane [H, W] flattened.
 * @see Unser 1999, IEEE Signal Processing Magazine 16(6); scipy.ndimage.spline_filter, order 3.
 */
export function splineCoefficients(plane: ArrayLike<number>, height: number, width: number): Float64Array {
  const coefficients = Float64Array.from(plane);
  for (let row = 0; row < height; row++) filterLine(coefficients, row * width, 1, width);
  for (let column = 0; column < width; column++) filterLine(coefficients, column, width, height);
  return coefficients;
}

/** Filters one line in place: forwards, then backwards. */
function filterLine(values: Float64Array, start: number, step: number, length: number): void {
  if (length === 1) return;
  const last = start + (length - 1) * step;
  let first = 0;
  for (let k = 0, power = 1; k < REACH; k++, power *= POLE)
    first += power * (values[start + mirrored(k, length) * step] as number);
  let previous = (values[start] = first);
  for (let at = start + step; at <= last; at += step)
    previous = values[at] = (values[at] as number) + POLE * previous;
  const beforeLast = values[last - step] as number;
  previous = (POLE / (POLE * POLE - 1)) * ((values[last] as number) + POLE * beforeLast);
  values[last] = 6 * previous;
  for (let at = last - step; at >= start; at -= step) {
    previous = POLE * (previous - (values[at] as number));
    values[at] = 6 * previous;
  }
}

/** A position within a line of `length` that is mirrored about its first and last sample. */
export function mirrored(position: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const within = Math.abs(position) % period;
  return within < length ? within : period - within;
}

/** Weights of the coefficients at floor(x) - 1 to floor(x) + 2. @param t x - floor(x). @param weights Receives 4. */
export function splineWeights(t: number, weights: Float64Array): void {
  const u = 1 - t;
  weights[0] = (u * u * u) / 6;
  weights[1] = (3 * t * t * t - 6 * t * t + 4) / 6;
  weights[2] = (3 * u * u * u - 6 * u * u + 4) / 6;
  weights[3] = (t * t * t) / 6;
}
