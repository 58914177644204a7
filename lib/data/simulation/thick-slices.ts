import type { Vector } from "./lattice";
import type { RowExtents } from "./row-extents";

/**
 * Replaces a volume by what thick slices show of it, interpolated back to its voxels: each slice is the mean over
 * its thickness, voxels between the centres of two slices are mixed linearly.
 *
 * @param size Shape [X, Y, Z], x fastest.
 * @param extents Where each row along x holds anything; the rest is taken as 0 and left alone.
 * @param axis Axis across the slices.
 * @param thickness Thickness in voxels; 1 or less leaves the volume as it is.
 * @param phase Where the first slice starts, as a share of the thickness, 0..1.
 */
export function averageSlices(
  volume: Float32Array,
  size: Vector,
  extents: RowExtents,
  axis: 0 | 1 | 2,
  thickness: number,
  phase: number,
): void {
  if (thickness <= 1) return;
  const length = size[axis];
  const slices = Math.ceil(length / thickness) + 3;
  const weights = sliceWeights(length, slices, thickness, phase);
  if (axis === 0) averageAlongRows(volume, size[0], extents, slices, weights);
  else averageRows(volume, size, extents, axis, slices, weights);
}

/** Slices across x: each row by itself. */
function averageAlongRows(
  volume: Float32Array,
  nx: number,
  { first, last }: RowExtents,
  slices: number,
  { gather, spread }: Weights,
): void {
  const means = new Float32Array(slices);
  for (let row = 0; row < first.length; row++) {
    const start = nx * row;
    if ((last[row] as number) < 0) continue;
    means.fill(0);
    for (const { slice, place, share } of gather)
      means[slice] = (means[slice] as number) + share * (volume[start + place] as number);
    for (const { place, slice, share } of spread) {
      if (place < (first[row] as number) || place > (last[row] as number)) continue;
      const low = means[slice] as number;
      volume[start + place] = low + share * ((means[slice + 1] as number) - low);
    }
  }
}

/** Slices across y or z: whole rows are averaged and mixed. */
function averageRows(
  volume: Float32Array,
  [nx, ny, nz]: Vector,
  { first, last }: RowExtents,
  axis: 1 | 2,
  slices: number,
  { gather, spread }: Weights,
): void {
  const others = axis === 1 ? nz : ny;
  const step = axis === 1 ? 1 : ny;
  const means = new Float32Array(slices * nx);
  for (let other = 0; other < others; other++) {
    const start = other * (axis === 1 ? ny : 1);
    means.fill(0);
    for (const { slice, place, share } of gather) {
      const row = start + place * step;
      const end = last[row] as number;
      for (let x = first[row] as number, to = nx * slice + x, i = nx * row + x; x <= end; x++, to++, i++)
        means[to] = (means[to] as number) + share * (volume[i] as number);
    }
    for (const { place, slice, share } of spread) {
      const row = start + place * step;
      const end = last[row] as number;
      for (let x = first[row] as number, at = nx * slice + x, i = nx * row + x; x <= end; x++, at++, i++) {
        const low = means[at] as number;
        volume[i] = low + share * ((means[at + nx] as number) - low);
      }
    }
  }
}

interface Weight {
  readonly place: number;
  readonly slice: number;
  readonly share: number;
}

interface Weights {
  readonly gather: readonly Weight[];
  readonly spread: readonly Weight[];
}

/** Which voxels a slice averages, and which two slices a voxel lies between. */
function sliceWeights(length: number, slices: number, thickness: number, phase: number): Weights {
  const first = -(1 + phase) * thickness; // Lower edge of slice 0, in voxels.
  const gather: Weight[] = [];
  const spread: Weight[] = [];
  for (let slice = 0; slice < slices; slice++) {
    const low = first + slice * thickness;
    for (let place = Math.max(0, Math.floor(low)); place < Math.min(length, low + thickness); place++) {
      const overlap = Math.min(place + 1, low + thickness) - Math.max(place, low);
      if (overlap > 0) gather.push({ place, slice, share: overlap / thickness });
    }
  }
  for (let place = 0; place < length; place++) {
    const at = (place + 0.5 - first) / thickness - 0.5;
    const slice = Math.min(slices - 2, Math.max(0, Math.floor(at)));
    spread.push({ place, slice, share: Math.min(1, Math.max(0, at - slice)) });
  }
  return { gather, spread };
}
