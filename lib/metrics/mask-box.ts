import type { GridShape } from "./distance-transform";

/** A part of a grid. */
export interface Box {
  readonly start: readonly [number, number, number];
  readonly size: GridShape;
}

/** The smallest box that holds what is not 0 in any of the arrays; undefined where all are empty. */
export function boundingBox(arrays: readonly Uint8Array[], shape: GridShape): Box | undefined {
  const [nx, ny, nz = 1] = shape;
  const low = [nx, ny, nz] as [number, number, number];
  const high = [-1, -1, -1] as [number, number, number];
  for (const array of arrays)
    for (let z = 0; z < nz; z++)
      for (let y = 0; y < ny; y++) {
        const start = nx * (y + ny * z);
        let first = 0;
        while (first < nx && array[start + first] === 0) first++;
        if (first === nx) continue;
        let last = nx - 1;
        while (array[start + last] === 0) last--;
        low[0] = Math.min(low[0], first);
        low[1] = Math.min(low[1], y);
        low[2] = Math.min(low[2], z);
        high[0] = Math.max(high[0], last);
        high[1] = Math.max(high[1], y);
        high[2] = Math.max(high[2], z);
      }
  if (high[0] < 0) return undefined;
  const size = (axis: 0 | 1 | 2): number => high[axis] - low[axis] + 1;
  return { start: low, size: shape.length === 2 ? [size(0), size(1)] : [size(0), size(1), size(2)] };
}

/** The part of an array that lies in a box. */
export function crop(array: Uint8Array, [nx, ny]: GridShape, { start, size }: Box): Uint8Array {
  const [bx, by, bz = 1] = size;
  const part = new Uint8Array(bx * by * bz);
  for (let z = 0; z < bz; z++)
    for (let y = 0; y < by; y++) {
      const from = start[0] + nx * (start[1] + y + ny * (start[2] + z));
      part.set(array.subarray(from, from + bx), bx * (y + by * z));
    }
  return part;
}
