import type { VoxelBox } from "./frame";

/** First and last voxel of the brain in each row along x, row y + Y z; first > last where there is none. */
export interface RowExtents {
  readonly first: Int16Array;
  readonly last: Int16Array;
}

/** Finds where each row enters and leaves the brain, so that passes over a volume can leave out the rest. */
export function rowExtents({ size: [nx, ny, nz] }: VoxelBox, brain: Uint8Array): RowExtents {
  const first = new Int16Array(ny * nz).fill(nx);
  const last = new Int16Array(ny * nz).fill(-1);
  for (let row = 0; row < first.length; row++) {
    const start = nx * row;
    let low = 0;
    while (low < nx && brain[start + low] === 0) low++;
    if (low === nx) continue;
    let high = nx - 1;
    while (brain[start + high] === 0) high--;
    first[row] = low;
    last[row] = high;
  }
  return { first, last };
}
