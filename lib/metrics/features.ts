import type { Matrix } from "./matrix";

/** What a network sees in images, one row an image: the input of every measure of image quality. */
export interface Features {
  /** Images, N. */
  readonly count: number;
  /** Features of an image, F. */
  readonly size: number;
  /** [N, F] flattened. */
  readonly values: Float32Array;
}

/** @throws RangeError if two sets are not of the same features, or have fewer images than a measure needs. */
export function requireComparable(real: Features, synthetic: Features, fewest: number): void {
  if (real.size !== synthetic.size)
    throw new RangeError(`${real.size} features of real images against ${synthetic.size} of synthetic ones`);
  for (const [kind, { count, size, values }] of [
    ["real", real] as const,
    ["synthetic", synthetic] as const,
  ]) {
    if (values.length !== count * size)
      throw new RangeError(`${values.length} values do not make ${count} images of ${size} features`);
    if (count < fewest) throw new RangeError(`${count} ${kind} images, but at least ${fewest} are needed`);
    if (!values.every((value) => Number.isFinite(value)))
      throw new RangeError(`features of ${kind} images are not finite`);
  }
}

/** Some of the images as rows in double precision. @param positions May repeat; all of them by default. */
export function featureRows({ count, size, values }: Features, positions?: ArrayLike<number>): Matrix {
  if (positions === undefined) return { rows: count, columns: size, values: new Float64Array(values) };
  const rows = new Float64Array(positions.length * size);
  for (let row = 0; row < positions.length; row++) {
    const from = (positions[row] as number) * size;
    rows.set(values.subarray(from, from + size), row * size);
  }
  return { rows: positions.length, columns: size, values: rows };
}
