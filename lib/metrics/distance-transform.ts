/** Voxels along each axis, x (fastest) first: two numbers for an image, three for a volume. */
export type GridShape = readonly [number, number] | readonly [number, number, number];

/** Distance between neighbours along each axis, mm, x first. */
export type GridSpacing = readonly number[];

/**
 * Squared distances from some voxels to the nearest marked one, exact for any spacing: first along rows, then in
 * each plane as lower envelopes of parabolas, and only from the voxels asked for along the last axis.
 *
 * @param places Index of each voxel that is asked for.
 * @param marked Not 0 where a voxel is marked, x fastest.
 * @returns mm^2, one a place; Infinity everywhere if nothing is marked.
 * @see Felzenszwalb and Huttenlocher 2012, Theory of Computing 8(19).
 */
export function squaredDistancesAt(
  places: Int32Array,
  marked: Uint8Array,
  shape: GridShape,
  spacingMm: GridSpacing,
): Float64Array {
  const [width, height, depth] = shape;
  const inRows = distancesInRows(marked, width, spacingMm[0] ?? 1);
  if (depth === undefined) return nearestAlongColumns(places, inRows, width, spacingMm[1] ?? 1);
  const envelope = new LowerEnvelope(height, spacingMm[1] ?? 1);
  const plane = width * height;
  for (let start = 0; start < inRows.length; start += plane)
    envelope.transformColumns(inRows.subarray(start, start + plane), width);
  return nearestAlongColumns(places, inRows, plane, spacingMm[2] ?? 1);
}

/** Squared distance to the nearest marked voxel of the same row: a sweep to each side. */
function distancesInRows(marked: Uint8Array, width: number, spacingMm: number): Float64Array {
  const squared = new Float64Array(marked.length).fill(Infinity);
  const scale = spacingMm ** 2;
  for (let start = 0; start < marked.length; start += width) {
    const end = start + width;
    let nearest = start;
    while (nearest < end && marked[nearest] === 0) nearest++;
    if (nearest === end) continue;
    for (let i = start; i < end; i++) {
      if (marked[i] !== 0) nearest = i;
      squared[i] = scale * (i - nearest) ** 2;
    }
    for (let i = nearest; i >= start; i--) {
      if (marked[i] !== 0) nearest = i;
      squared[i] = Math.min(squared[i] as number, scale * (nearest - i) ** 2);
    }
  }
  return squared;
}

/**
 * The least of a column's values plus their squared distance from a place, looked for outwards from the place
 * until the distance alone is more.
 *
 * @param stride From a voxel to the next of its column.
 */
function nearestAlongColumns(
  places: Int32Array,
  values: Float64Array,
  stride: number,
  spacingMm: number,
): Float64Array {
  const scale = spacingMm ** 2;
  return Float64Array.from(places, (place) => {
    let least = values[place] as number;
    const first = place % stride;
    for (let steps = 1; ; steps++) {
      const [before, after] = [place - steps * stride, place + steps * stride];
      const apart = scale * steps ** 2;
      if (apart >= least || (before < first && after >= values.length)) return least;
      if (before >= first) least = Math.min(least, (values[before] as number) + apart);
      if (after < values.length) least = Math.min(least, (values[after] as number) + apart);
    }
  });
}

/** The least of the parabolas f(q) + (s (p - q))^2 at the places p of each column of a plane. */
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

  /** @param values A plane in which each row is either finite or Infinity throughout. */
  transformColumns(values: Float64Array, width: number): void {
    const finite: number[] = [];
    for (let row = 0; row < this.length; row++) if (values[row * width] !== Infinity) finite.push(row);
    if (finite.length === 0) return;
    for (let column = 0; column < width; column++) this.transform(values, column, width, finite);
  }

  private transform(values: Float64Array, start: number, stride: number, finite: readonly number[]): void {
    const { length, line, places, from } = this;
    const scale = this.spacingMm ** 2;
    let last = -1;
    for (const q of finite) {
      const height = values[start + q * stride] as number;
      line[q] = height;
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
    let lowest = 0;
    for (let p = 0; p < length; p++) {
      while (lowest < last && (from[lowest + 1] as number) < p) lowest++;
      const q = places[lowest] as number;
      values[start + p * stride] = scale * (p - q) ** 2 + (line[q] as number);
    }
  }
}
