/** Pole of the filter that turns samples into coefficients of cubic B-splines. */
const POLE = Math.sqrt(3) - 2;
/** The filter's response is below 1e-16 after so many samples. */
const REACH = 28;

/**
 * Coefficients of the cubic spline through the pixels of an image, which is mirrored about its first and last
 * rows and columns.
 *
 * @param pixels [H, W, C] flattened.
 * @see Unser 1999, IEEE Signal Processing Magazine 16(6); scipy.ndimage.spline_filter, order 3.
 */
export function splineCoefficients(
  pixels: Float32Array,
  height: number,
  width: number,
  channels = 1,
): Float64Array {
  const coefficients = new Float64Array(pixels);
  const across = width * channels;
  const scratch = new Float64Array(across);
  for (let row = 0; row < height; row++)
    filterLines(coefficients, row * across, { length: width, step: channels, lines: channels }, scratch);
  filterLines(coefficients, 0, { length: height, step: across, lines: across }, scratch);
  return coefficients;
}

/** Lines that lie side by side: sample i of line l stands at i * step + l. */
interface Lines {
  readonly length: number;
  readonly step: number;
  readonly lines: number;
}

/** Filters lines in place, all of them sample by sample: forwards, then backwards. @param scratch Of the lines. */
function filterLines(
  values: Float64Array,
  start: number,
  { length, step, lines }: Lines,
  scratch: Float64Array,
): void {
  if (length === 1) return;
  scratch.fill(0, 0, lines);
  for (let k = 0, power = 1; k < REACH; k++, power *= POLE) {
    const at = start + mirrored(k, length) * step;
    for (let l = 0; l < lines; l++) scratch[l] = (scratch[l] as number) + power * (values[at + l] as number);
  }
  for (let l = 0; l < lines; l++) values[start + l] = scratch[l] as number;
  const last = start + (length - 1) * step;
  for (let at = start + step; at <= last; at += step)
    for (let i = at; i < at + lines; i++)
      values[i] = (values[i] as number) + POLE * (values[i - step] as number);
  for (let l = 0; l < lines; l++) {
    const beforeLast = values[last - step + l] as number;
    scratch[l] = (POLE / (POLE * POLE - 1)) * ((values[last + l] as number) + POLE * beforeLast);
    values[last + l] = 6 * (scratch[l] as number);
  }
  for (let at = last - step; at >= start; at -= step)
    for (let l = 0; l < lines; l++) {
      scratch[l] = POLE * ((scratch[l] as number) - (values[at + l] as number));
      values[at + l] = 6 * (scratch[l] as number);
    }
}

/** A position within a line of `length` that is mirrored about its first and last sample. */
function mirrored(position: number, length: number): number {
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

/**
 * Where the coefficients stand that a value between samples is the sum of.
 *
 * @param first The sample at or before the place.
 * @param step From a sample of the line to the next.
 * @param places Receives 4.
 */
export function splinePlaces(first: number, length: number, step: number, places: Int32Array): void {
  const inside = first >= 1 && first + 2 < length;
  for (let k = 0; k < 4; k++) {
    const at = first - 1 + k;
    places[k] = (inside ? at : mirrored(at, length)) * step;
  }
}
