import { voxelCount, type VoxelBox } from "./frame";
import type { RowExtents } from "./row-extents";
import type { Vector } from "./lattice";

/** A small rigid motion about the middle of the box. */
export interface RigidMotion {
  /** Along x, y and z, mm. */
  readonly shiftMm: Vector;
  /** About the axes x, y and z, radians; a few hundredths at most. */
  readonly turnRad: Vector;
}

/** Voxels on either side of a plane that a displacement may reach beyond it. */
const PAD = 12;

/**
 * Moves a volume by a rigid motion and blurs it: three passes of linear interpolation, one an axis, which is what
 * a small rotation comes to (errors grow with the square of the angle). The value of voxel p is then found at
 * p + shift + turn x p.
 *
 * @param volume One value a voxel of the box, 0 outside the brain; overwritten.
 * @param blur Share that a voxel gives to each neighbour along an axis.
 * @see Paeth 1986, Graphics Interface, for rotation by passes along the axes.
 */
export function resampleRigid(
  volume: Float32Array,
  box: VoxelBox,
  extents: RowExtents,
  motion: RigidMotion,
  blur: number,
): void {
  const mm = box.frame.spacingMm;
  const [tx, ty, tz] = motion.shiftMm.map((shift) => shift / mm) as [number, number, number];
  const [rx, ry, rz] = motion.turnRad;
  const [cx, cy, cz] = box.size.map((n) => (n - 1) / 2) as [number, number, number];
  alongRows(volume, box, extents, blur, (y, z) => tx + ry * (z - cz) - rz * (y - cy));
  alongPlanes(volume, box, extents, blur, 1, (x, z) => ty + rz * (x - cx) - rx * (z - cz));
  alongPlanes(volume, box, extents, blur, 2, (x, y) => tz + rx * (y - cy) - ry * (x - cx));
}

/** Standard deviation that white noise keeps in a volume so resampled, for displacements of any part of a voxel. */
export function noiseKept({ shiftMm, turnRad }: RigidMotion, blur: number): number {
  const moved = [...shiftMm, ...turnRad].some((value) => value !== 0);
  const taps = new Float64Array(4);
  const steps = moved ? 16 : 1;
  let mean = 0;
  for (let k = 0; k < steps; k++) {
    fillTaps(taps, 0, 1, k / steps, blur);
    mean += taps.reduce((sum, tap) => sum + tap * tap, 0) / steps;
  }
  return Math.sqrt(mean) ** 3;
}

/** Weights of the voxels -1, 0, 1, 2 from the one at or before a point, `part` of a voxel after it. */
function fillTaps(
  taps: Float64Array | Float32Array,
  at: number,
  stride: number,
  part: number,
  blur: number,
): void {
  const rest = 1 - 2 * blur;
  taps[at] = blur * (1 - part);
  taps[at + stride] = rest * (1 - part) + blur * part;
  taps[at + 2 * stride] = blur * (1 - part) + rest * part;
  taps[at + 3 * stride] = blur * part;
}

/** The pass along x: one displacement a row. */
function alongRows(
  volume: Float32Array,
  { size }: VoxelBox,
  { first, last }: RowExtents,
  blur: number,
  displacement: (y: number, z: number) => number,
): void {
  const [nx, ny, nz] = size;
  const row = new Float32Array(nx + 2 * PAD);
  const taps = new Float64Array(4);
  for (let z = 0; z < nz; z++)
    for (let y = 0; y < ny; y++) {
      const begin = first[y + ny * z] as number;
      const end = last[y + ny * z] as number;
      if (begin > end) continue;
      const base = nx * (y + ny * z);
      row.set(volume.subarray(base, base + nx), PAD);
      const at = Math.min(PAD - 3, Math.max(3 - PAD, displacement(y, z)));
      const whole = Math.floor(at);
      fillTaps(taps, 0, 1, at - whole, blur);
      const [a, b, c, d] = taps as unknown as readonly [number, number, number, number];
      for (let x = begin, k = begin + PAD + whole; x <= end; x++, k++)
        volume[base + x] =
          a * (row[k - 1] as number) +
          b * (row[k] as number) +
          c * (row[k + 1] as number) +
          d * (row[k + 2] as number);
    }
}

/** The pass along y (axis 1) or z (axis 2): the displacement changes along x and from plane to plane. */
function alongPlanes(
  volume: Float32Array,
  box: VoxelBox,
  { first, last }: RowExtents,
  blur: number,
  axis: 1 | 2,
  displacement: (x: number, other: number) => number,
): void {
  const [nx, ny, nz] = box.size;
  const length = axis === 1 ? ny : nz;
  const others = voxelCount(box) / nx / length;
  const step = axis === 1 ? 1 : ny; // rows from one voxel of the axis to the next
  const otherStep = axis === 1 ? ny : 1;
  const plane = new Float32Array(nx * (length + 2 * PAD));
  const taps = new Float32Array(4 * nx);
  const offsets = new Int32Array(nx);
  for (let other = 0; other < others; other++) {
    for (let x = 0; x < nx; x++) {
      const at = Math.min(PAD - 3, Math.max(3 - PAD, displacement(x, other)));
      const whole = Math.floor(at);
      offsets[x] = x + nx * (PAD + whole - 1);
      fillTaps(taps, x, nx, at - whole, blur);
    }
    for (let k = 0; k < length; k++) {
      const row = other * otherStep + k * step;
      plane.set(volume.subarray(nx * row, nx * (row + 1)), nx * (k + PAD));
    }
    for (let k = 0; k < length; k++) {
      const row = other * otherStep + k * step;
      const end = last[row] as number;
      for (let x = first[row] as number; x <= end; x++) {
        const from = (offsets[x] as number) + nx * k;
        volume[nx * row + x] =
          (taps[x] as number) * (plane[from] as number) +
          (taps[x + nx] as number) * (plane[from + nx] as number) +
          (taps[x + 2 * nx] as number) * (plane[from + 2 * nx] as number) +
          (taps[x + 3 * nx] as number) * (plane[from + 3 * nx] as number);
      }
    }
  }
}
