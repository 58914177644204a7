import type { Vector } from "./lattice";

/**
 * Replaces a volume by what thick slices show of it, interpolated back to its voxels: each slice is the mean over
 * its thickness, voxels between the centres of two slices are mixed linearly.
 *
 * @param size Shape [X, Y, Z], x fastest.
 * @param axis Axis across the slices.
 * @param thickness Thickness in voxels; 1 or less leaves the volume as it is.
 * @param phase Where the first slice starts, as a share of the thickness, 0..1.
 */
export function averageSlices(
  volume: Float32Array,
  size: Vector,
  axis: 0 | 1 | 2,
  thickness: number,
  phase: number,
): void {
  if (thickness <= 1) return;
  const inner = axis === 0 ? 1 : axis === 1 ? size[0] : size[0] * size[1];
  const length = size[axis];
  const slices = Math.ceil(length / thickness) + 3;
  const weights = sliceWeights(length, slices, thickness, phase);
  const means = new Float32Array(slices * inner);
  for (let start = 0; start < volume.length; start += inner * length) {
    means.fill(0);
    for (const { slice, place, share } of weights.gather)
      for (let i = 0; i < inner; i++)
        means[slice * inner + i] =
          (means[slice * inner + i] as number) + share * (volume[start + place * inner + i] as number);
    for (const { place, slice, share } of weights.spread)
      for (let i = 0; i < inner; i++) {
        const low = means[slice * inner + i] as number;
        volume[start + place * inner + i] = low + share * ((means[(slice + 1) * inner + i] as number) - low);
      }
  }
}

interface Weight {
  readonly place: number;
  readonly slice: number;
  readonly share: number;
}

/** Which voxels a slice averages, and which two slices a voxel lies between. */
function sliceWeights(
  length: number,
  slices: number,
  thickness: number,
  phase: number,
): { readonly gather: readonly Weight[]; readonly spread: readonly Weight[] } {
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
