import type { GridShape } from "./distance-transform";

/** The connected regions of a mask. */
export interface ConnectedRegions {
  readonly count: number;
  /** Number of the region of each voxel, 1 to `count` in the order of their first voxels; 0 outside the mask. */
  readonly labels: Int32Array;
}

/** How many regions a prediction has, and how many of them are nowhere right. */
export interface RegionCounts {
  readonly predicted: number;
  readonly wrong: number;
}

/**
 * Numbers the connected regions of a mask. Voxels are of one region if they touch by a face, an edge or a corner:
 * 26 neighbours in a volume, 8 in an image. A single voxel is a region.
 *
 * @param mask Not 0 in the mask, x fastest.
 * @throws RangeError if the mask does not have the shape given.
 */
export function connectedRegions(mask: Uint8Array, shape: GridShape): ConnectedRegions {
  if (mask.length !== shape.reduce((product, size) => product * size, 1))
    throw new RangeError(`a mask of ${mask.length} voxels does not have the shape [${shape}]`);
  const labels = new Int32Array(mask.length);
  /** Voxels that have their number, but whose neighbours were not looked at. */
  const open: number[] = [];
  let count = 0;
  for (let first = 0; first < mask.length; first++) {
    if (mask[first] === 0 || labels[first] !== 0) continue;
    labels[first] = ++count;
    for (let voxel: number | undefined = first; voxel !== undefined; voxel = open.pop())
      spread(voxel, count, mask, shape, labels, open);
  }
  return { count, labels };
}

/**
 * Counts the regions of a prediction, whatever their size, and those of which no voxel is annotated: a region beside
 * the annotation that does not overlap it is wrong too.
 *
 * @throws RangeError if the masks do not have the shape given.
 */
export function countRegions(annotation: Uint8Array, prediction: Uint8Array, shape: GridShape): RegionCounts {
  const { count, labels } = connectedRegions(prediction, shape);
  if (annotation.length !== labels.length)
    throw new RangeError(`${annotation.length} annotated voxels, but ${labels.length} predicted ones`);
  const right = new Set<number>();
  for (let i = 0; i < labels.length; i++)
    if (labels[i] !== 0 && annotation[i] !== 0) right.add(labels[i] as number);
  return { predicted: count, wrong: count - right.size };
}

/**
 * Keeps the region with most voxels, the first of those with as many: a usual way to clear a segmentation of what was
 * found elsewhere.
 *
 * @returns 1 in the region, 0 outside; empty where the mask is.
 * @throws RangeError if the mask does not have the shape given.
 */
export function largestRegion(mask: Uint8Array, shape: GridShape): Uint8Array {
  const { count, labels } = connectedRegions(mask, shape);
  const sizes = new Int32Array(count + 1);
  for (const label of labels) if (label !== 0) sizes[label] = (sizes[label] as number) + 1;
  // Not spread into arguments: a noisy mask has more regions than a call takes.
  const largest = sizes.indexOf(
    sizes.reduce((most, size) => Math.max(most, size), 0),
    1,
  );
  return Uint8Array.from(labels, (label) => Number(label !== 0 && label === largest));
}

/** Gives a voxel's number to those neighbours of the mask that have none, and notes them down. */
function spread(
  voxel: number,
  label: number,
  mask: Uint8Array,
  [nx, ny, nz = 1]: GridShape,
  labels: Int32Array,
  open: number[],
): void {
  const x = voxel % nx;
  const y = Math.floor(voxel / nx) % ny;
  const z = Math.floor(voxel / (nx * ny));
  for (let k = Math.max(0, z - 1); k <= Math.min(nz - 1, z + 1); k++)
    for (let j = Math.max(0, y - 1); j <= Math.min(ny - 1, y + 1); j++)
      for (let i = Math.max(0, x - 1); i <= Math.min(nx - 1, x + 1); i++) {
        const neighbour = i + nx * (j + ny * k);
        if (mask[neighbour] === 0 || labels[neighbour] !== 0) continue;
        labels[neighbour] = label;
        open.push(neighbour);
      }
}
