/** One number a step. */
export type Curve = ArrayLike<number>;

/** How far trainings in another number format are from those in float32, over some steps. */
export interface Departure {
  /** Steps, the first and the last. */
  readonly from: number;
  readonly to: number;
  /** Largest distance of the mean curve from the mean curve of float32. */
  readonly difference: number;
  /** Largest distance between two seeds in float32. */
  readonly spread: number;
}

/**
 * Compares trainings in two formats, the same seeds in both, by their smoothed curves: each half of them by itself,
 * since curves are apart more at first than later on. Two trainings of one seed end up as far apart as two seeds do
 * where a training magnifies rounding, as GANs do; what stays is their mean.
 *
 * @param window Steps that a smoothed value is the mean of.
 */
export function departures(plain: readonly Curve[], other: readonly Curve[], window: number): Departure[] {
  const [float32, changed] = [plain, other].map((curves) => curves.map((curve) => smoothed(curve, window)));
  const [first] = float32 ?? [];
  if (float32 === undefined || changed === undefined || first === undefined)
    throw new RangeError("there are no curves");
  const middle = Math.floor(first.length / 2);
  return [
    [0, middle],
    [middle, first.length],
  ].map(([start = 0, end = 0]) => {
    const places = Array.from({ length: end - start }, (_, i) => start + i);
    const largest = (distance: (place: number) => number) => Math.max(...places.map(distance));
    return {
      from: start + window,
      to: end - 1 + window,
      difference: largest((place) =>
        Math.abs(mean(valuesAt(changed, place)) - mean(valuesAt(float32, place))),
      ),
      spread: largest((place) => range(valuesAt(float32, place))),
    };
  });
}

/** The largest distance of two smoothed curves. */
export function largestDistance(a: Curve, b: Curve, window: number): number {
  const [first, second] = [smoothed(a, window), smoothed(b, window)];
  return first.reduce((most, value, i) => Math.max(most, Math.abs(value - (second[i] ?? Number.NaN))), 0);
}

/** Means over `window` values, the first of the first ones. */
export function smoothed(curve: Curve, window: number): Float64Array {
  if (curve.length < window) throw new RangeError(`${curve.length} steps are fewer than ${window}`);
  const means = new Float64Array(curve.length - window + 1);
  for (let i = 0; i < means.length; i++) {
    let sum = 0;
    for (let j = i; j < i + window; j++) sum += curve[j] as number;
    means[i] = sum / window;
  }
  return means;
}

function valuesAt(curves: readonly Curve[], place: number): number[] {
  return curves.map((curve) => curve[place] ?? Number.NaN);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function range(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}
