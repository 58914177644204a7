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
    fillTaps(taps, k / steps, blur);
    mean += taps.reduce((sum, tap) => sum + tap * tap, 0) / steps;
  }
  return Math.sqrt(mean) ** 3;
}

/** Weights of the voxels -1, 0, 1, 2 from the one at or before a point, `part` of a voxel after it. */
function fillTaps(taps: Float64Array, part: number, blur: number): void {
  const rest = 1 - 2 * blur;
  taps[0] = blur * (1 - part);
  taps[1] = rest * (1 - part) + blur * part;
  taps[2] = blur * (1 - part) + rest * part;
  taps[3] = blur * part;
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
      const at = bounded(displacement(y, z));
      const whole = Math.floor(at);
      fillTaps(taps, at - whole, blur);
      mixNeighbours(taps, row, PAD + whole - 1, volume, base, begin, end);
    }
}

/** Interpolates places of a row: each is a mix of four neighbours in `from`, beginning `shift` after its own place. */
function mixNeighbours(
  taps: Float64Array,
  from: Float32Array,
  shift: number,
  to: Float32Array,
  base: number,
  first: number,
  last: number,
): void {
  const [a, b, c, d] = taps as unknown as readonly [number, number, number, number];
  for (let x = first; x <= last; x++) {
    const k = x + shift;
    to[base + x] =
      a * (from[k] as number) +
      b * (from[k + 1] as number) +
      c * (from[k + 2] as number) +
      d * (from[k + 3] as number);
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
  const taps = planeTaps(nx);
  for (let other = 0; other < others; other++) {
    const stretches = fillPlaneTaps(taps, blur, (x) => displacement(x, other));
    for (let k = 0; k < length; k++) {
      const row = other * otherStep + k * step;
      plane.set(volume.subarray(nx * row, nx * (row + 1)), nx * (k + PAD));
    }
    for (let k = 0; k < length; k += 4)
      for (const { from, to, whole } of stretches) {
        const source = nx * (k + PAD + whole - 1);
        const firstRow = other * otherStep + k * step;
        // Four rows together read half as much; what only some of them have is left for each alone.
        let low = k + 4 > length ? Infinity : from;
        let high = to;
        for (let j = 0; j < 4 && k + j < length; j++) {
          low = Math.max(low, first[firstRow + j * step] as number);
          high = Math.min(high, last[firstRow + j * step] as number);
        }
        if (low <= high) mixFourRows(taps, plane, source, volume, nx * firstRow, nx * step, low, high);
        else low = high = Infinity;
        for (let j = 0; j < 4 && k + j < length; j++) {
          const row = firstRow + j * step;
          const start = Math.max(from, first[row] as number);
          const end = Math.min(to, last[row] as number);
          mixRows(taps, plane, source + nx * j, volume, nx * row, start, Math.min(end, low - 1));
          mixRows(taps, plane, source + nx * j, volume, nx * row, Math.max(start, high + 1), end);
        }
      }
  }
}

/** Weights of four voxels along an axis, for each x of a plane. */
type PlaneTaps = readonly [Float32Array, Float32Array, Float32Array, Float32Array];

function planeTaps(nx: number): PlaneTaps {
  return [new Float32Array(nx), new Float32Array(nx), new Float32Array(nx), new Float32Array(nx)];
}

/** Part of a plane, from one x to another, whose displacements are the same in whole voxels. */
interface Stretch {
  readonly from: number;
  readonly whole: number;
  to: number;
}

function fillPlaneTaps(
  [a, b, c, d]: PlaneTaps,
  blur: number,
  displacement: (x: number) => number,
): readonly Stretch[] {
  const taps = new Float64Array(4);
  const stretches: Stretch[] = [];
  for (let x = 0; x < a.length; x++) {
    const at = bounded(displacement(x));
    const whole = Math.floor(at);
    fillTaps(taps, at - whole, blur);
    a[x] = taps[0] as number;
    b[x] = taps[1] as number;
    c[x] = taps[2] as number;
    d[x] = taps[3] as number;
    const stretch = stretches.at(-1);
    if (stretch?.whole === whole) stretch.to = x;
    else stretches.push({ from: x, to: x, whole });
  }
  return stretches;
}

/** Interpolates places of a row: each is a mix of four rows of `plane`, the first of which starts at `start`. */
function mixRows(
  [a, b, c, d]: PlaneTaps,
  plane: Float32Array,
  start: number,
  to: Float32Array,
  base: number,
  first: number,
  last: number,
): void {
  const nx = a.length;
  for (let x = first; x <= last; x++) {
    const k = start + x;
    to[base + x] =
      (a[x] as number) * (plane[k] as number) +
      (b[x] as number) * (plane[k + nx] as number) +
      (c[x] as number) * (plane[k + 2 * nx] as number) +
      (d[x] as number) * (plane[k + 3 * nx] as number);
  }
}

/** The same for four rows of the volume at once, `step` apart. */
function mixFourRows(
  [a, b, c, d]: PlaneTaps,
  plane: Float32Array,
  start: number,
  to: Float32Array,
  base: number,
  step: number,
  first: number,
  last: number,
): void {
  const nx = a.length;
  for (let x = first; x <= last; x++) {
    const k = start + x;
    const i = base + x;
    const ta = a[x] as number;
    const tb = b[x] as number;
    const tc = c[x] as number;
    const td = d[x] as number;
    const p1 = plane[k + nx] as number;
    const p2 = plane[k + 2 * nx] as number;
    const p3 = plane[k + 3 * nx] as number;
    const p4 = plane[k + 4 * nx] as number;
    const p5 = plane[k + 5 * nx] as number;
    to[i] = ta * (plane[k] as number) + tb * p1 + tc * p2 + td * p3;
    to[i + step] = ta * p1 + tb * p2 + tc * p3 + td * p4;
    to[i + 2 * step] = ta * p2 + tb * p3 + tc * p4 + td * p5;
    to[i + 3 * step] = ta * p3 + tb * p4 + tc * p5 + td * (plane[k + 6 * nx] as number);
  }
}

/** Displacements reach no further than the padding. */
function bounded(displacement: number): number {
  return Math.min(PAD - 3, Math.max(3 - PAD, displacement));
}
