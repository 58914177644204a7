/** Voxels along each axis, x (fastest) first: two numbers for an image, three for a volume. */
export type GridShape = readonly [number, number] | readonly [number, number, number];

/** Distance between neighbours along each axis, mm, x first. */
export type GridSpacing = readonly number[];

/**
 * The squared distance of each voxel from the nearest marked one, exact for any spacing: first along rows, then
 * along the other axes as lower envelopes of parabolas.
 *
 * @param marked Not 0 where a voxel is marked, x fastest.
 * @returns mm^2, Infinity everywhere if nothing is marked.
 * @see Felzenszwalb and Huttenlocher 2012, Theory of Computing 8(19).
 */
export function squaredDistances(marked: Uint8Array, shape: GridShape, spacingMm: GridSpacing): Float64Array {
  const [width, height, depth = 1] = shape;
  const distances = distancesInRows(marked, width, spacingMm[0] ?? 1);
  transformAxis(distances, height, width, spacingMm[1] ?? 1);
  transformAxis(distances, depth, width * height, spacingMm[2] ?? 1);
  return distances;
}

/** Squared distance to the nearest marked voxel of the same row: a sweep to each side. */
function distancesInRows(marked: Uint8Array, width: number, spacingMm: number): Float64Array {
  const squared = new Float64Array(marked.length);
  for (let start = 0; start < marked.length; start += width) {
    let steps = Infinity;
    for (let i = start; i < start + width; i++) {
      steps = marked[i] === 0 ? steps + 1 : 0;
      squared[i] = steps;
    }
    steps = Infinity;
    for (let i = start + width - 1; i >= start; i--) {
      steps = marked[i] === 0 ? steps + 1 : 0;
      const nearest = Math.min(steps, squared[i] as number) * spacingMm;
      squared[i] = nearest * nearest;
    }
  }
  return squared;
}

/** Lowers each value to the least of those along its line plus their squared distance. */
function transformAxis(values: Float64Array, length: number, stride: number, spacingMm: number): void {
  if (length < 2) return;
  const envelope = new LowerEnvelope(length, spacingMm);
  const block = stride * length;
  for (let start = 0; start < values.length; start += block)
    for (let offset = 0; offset < stride; offset++) envelope.transform(values, start + offset, stride);
}

/** The least of the parabolas f(q) + (s (p - q))^2 at the places p of one line. */
class LowerEnvelope {
  /** Places of the parabolas that are lowest somewhere, and where each takes over from the one before. */
  private readonly places: Int32Array;
  private readonly from: Float64Array;
  private readonly line: Float64Array;

  constructor(
    private readonly length: number,
    private readonly spacingMm: number,
  ) {
    this.places = new Int32Array(length);
    this.from = new Float64Array(length);
    this.line = new Float64Array(length);
  }

  transform(values: Float64Array, start: number, stride: number): void {
    const { length, line, places, from } = this;
    const scale = this.spacingMm ** 2;
    let last = -1;
    for (let q = 0; q < length; q++) {
      const height = values[start + q * stride] as number;
      line[q] = height;
      if (height === Infinity) continue;
      let crossing = -Infinity;
      while (last >= 0) {
        const p = places[last] as number;
        // Where the parabola of q becomes lower than that of p, in voxels.
        crossing = (height - (line[p] as number)) / (2 * scale * (q - p)) + (q + p) / 2;
        if (crossing > (from[last] as number)) break;
        last--;
        crossing = -Infinity;
      }
      last++;
      places[last] = q;
      from[last] = crossing;
    }
    if (last < 0) return;
    let lowest = 0;
    for (let p = 0; p < length; p++) {
      while (lowest < last && (from[lowest + 1] as number) < p) lowest++;
      const q = places[lowest] as number;
      values[start + p * stride] = scale * (p - q) ** 2 + (line[q] as number);
    }
  }
}
