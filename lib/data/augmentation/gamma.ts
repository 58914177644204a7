/** Added to the range of the values and to their deviation, as in the study's code. */
const RANGE_EPSILON = 1e-7;
const DEVIATION_EPSILON = 1e-8;

/**
 * Raises the values above the plane's minimum, brought to [0, 1], to a power, and gives them their mean and
 * standard deviation back. Changes the plane.
 *
 * @see The study's code, Segmentation/data/image_transforms.py, GammaAugmentor.
 */
export function applyGamma(plane: Float32Array, exponent: number): void {
  const least = leastOf(plane);
  const before = momentsAbove(plane, least);
  if (before.count === 0) return;
  const range = before.most - before.lowest + RANGE_EPSILON;
  const power = new GreyPowers(
    (value) => ((value - before.lowest) / range) ** exponent * range + before.lowest,
  );
  const changed = new Float32Array(before.count);
  let [sum, squares, at] = [0, 0, 0];
  for (const value of plane) {
    if (!(value > least)) continue;
    const raised = power.of(value);
    changed[at++] = raised;
    sum += raised;
    squares += raised * raised;
  }
  const mean = sum / before.count;
  const deviation = Math.sqrt(Math.max(0, squares / before.count - mean * mean));
  const factor = before.deviation / (deviation + DEVIATION_EPSILON);
  at = 0;
  for (let i = 0; i < plane.length; i++)
    if ((plane[i] as number) > least) plane[i] = ((changed[at++] as number) - mean) * factor + before.mean;
}

/** A function of grey values, computed once for each of those that an 8-bit image has: powers take long. */
class GreyPowers {
  /** Of the values k / 256 from -255 to 255. */
  private readonly known = new Float64Array(511).fill(Number.NaN);

  constructor(private readonly compute: (value: number) => number) {}

  of(value: number): number {
    const grey = value * 256 + 255;
    const place = grey | 0;
    if (place !== grey || place < 0 || place > 510) return this.compute(value);
    const known = this.known[place] as number;
    return Number.isNaN(known) ? (this.known[place] = this.compute(value)) : known;
  }
}

/** The smallest value. */
export function leastOf(plane: Float32Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (const value of plane) if (value < least) least = value;
  return least;
}

interface Moments {
  readonly count: number;
  readonly lowest: number;
  readonly most: number;
  readonly mean: number;
  /** Standard deviation, of n. */
  readonly deviation: number;
}

function momentsAbove(plane: Float32Array, least: number): Moments {
  let [count, sum, squares] = [0, 0, 0];
  let [lowest, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of plane) {
    if (!(value > least)) continue;
    count++;
    sum += value;
    squares += value * value;
    if (value < lowest) lowest = value;
    if (value > most) most = value;
  }
  const mean = sum / Math.max(1, count);
  return {
    count,
    lowest,
    most,
    mean,
    deviation: Math.sqrt(Math.max(0, squares / Math.max(1, count) - mean * mean)),
  };
}
