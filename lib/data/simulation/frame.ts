import { BRATS_SHAPE } from "../nifti";
import type { RowGeometry, Vector } from "./lattice";

/** The voxels of a volume: shape [X, Y, Z] and edge. Voxel 0 of the 1 mm frame is at 0 mm of the BraTS frame. */
export interface Frame {
  readonly shape: Vector;
  readonly spacingMm: number;
}

/** The frame of BraTS: 240x240x155, 1 mm. */
export const BRATS_FRAME: Frame = { shape: BRATS_SHAPE, spacingMm: 1 };

/** The same field of view in larger voxels, for tests and previews. */
export function reducedFrame(spacingMm: number): Frame {
  const [x, y, z] = BRATS_SHAPE.map((n) => Math.floor(n / spacingMm)) as [number, number, number];
  return { shape: [x, y, z], spacingMm };
}

/** A box of voxels of a frame: first voxel and number along each axis. */
export interface VoxelBox {
  readonly frame: Frame;
  readonly start: Vector;
  readonly size: Vector;
}

/** Position of a voxel's centre along any axis, mm. */
export function voxelMm({ spacingMm }: Frame, index: number): number {
  return index * spacingMm + (spacingMm - 1) / 2;
}

/** The voxels of the frame whose centres lie between two corners given in mm. */
export function boxBetween(frame: Frame, lowMm: Vector, highMm: Vector): VoxelBox {
  const first = (axis: 0 | 1 | 2): number =>
    Math.min(frame.shape[axis] - 1, Math.max(0, Math.floor(lowMm[axis] / frame.spacingMm)));
  const last = (axis: 0 | 1 | 2): number =>
    Math.max(first(axis), Math.min(frame.shape[axis] - 1, Math.ceil(highMm[axis] / frame.spacingMm)));
  const start: Vector = [first(0), first(1), first(2)];
  return { frame, start, size: [last(0) - start[0] + 1, last(1) - start[1] + 1, last(2) - start[2] + 1] };
}

/** Number of voxels of a box. */
export function voxelCount({ size }: VoxelBox): number {
  return size[0] * size[1] * size[2];
}

/** The points of the box's rows along x. */
export function rowGeometry({ frame, start, size }: VoxelBox): RowGeometry {
  return { startMm: voxelMm(frame, start[0]), stepMm: frame.spacingMm, count: size[0] };
}

/** Puts a box's voxels into a whole volume that is 0 elsewhere. */
export function placeInFrame<T extends Int16Array | Uint8Array>(box: VoxelBox, voxels: T, whole: T): T {
  const [sx, sy, sz] = box.size;
  const [nx, ny] = box.frame.shape;
  for (let z = 0; z < sz; z++)
    for (let y = 0; y < sy; y++) {
      const from = sx * (y + sy * z);
      const to = box.start[0] + nx * (box.start[1] + y + ny * (box.start[2] + z));
      whole.set(voxels.subarray(from, from + sx), to);
    }
  return whole;
}
