/** A 4x4 matrix from voxel indices to millimetres in RAS+ (right, anterior, superior), rows first. */
export type Affine = readonly (readonly number[])[];

/** The quaternion form of an affine, as NIfTI stores it. */
export interface Quaternion {
  readonly b: number;
  readonly c: number;
  readonly d: number;
  /** 1, or -1 where the third axis is mirrored. */
  readonly qfac: 1 | -1;
}

type Triple = readonly [number, number, number];

/**
 * The affine of a quaternion, an offset and voxel sizes.
 *
 * @param offset Position of voxel (0, 0, 0) in mm.
 * @see nifti1.h, "method 2". Rounding in the header can make b^2 + c^2 + d^2 exceed 1; a is then 0 and the
 *   others are normalised, as in nifti_quatern_to_mat44.
 */
export function affineOfQuaternion(quaternion: Quaternion, offset: Triple, spacingMm: Triple): Affine {
  let { b, c, d } = quaternion;
  const rest = 1 - (b * b + c * c + d * d);
  if (rest < 1e-7) {
    const norm = Math.hypot(b, c, d);
    [b, c, d] = [b / norm, c / norm, d / norm];
  }
  const a = rest < 1e-7 ? 0 : Math.sqrt(rest);
  const rotation = [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
  ];
  const [dx, dy, dz] = spacingMm;
  const rows = rotation.map(([x = 0, y = 0, z = 0], i) => [
    x * dx,
    y * dy,
    z * dz * quaternion.qfac,
    offset[i] ?? 0,
  ]);
  return [...rows, [0, 0, 0, 1]];
}

/**
 * The quaternion of an affine.
 *
 * @returns undefined where the axes are not at right angles, for which the quaternion form has no room.
 * @see nifti_mat44_to_quatern of the NIfTI-1 reference code.
 */
export function quaternionOfAffine(affine: Affine): Quaternion | undefined {
  const spacing = spacingOfAffine(affine);
  const columns = [0, 1, 2].map((j) => [0, 1, 2].map((i) => at(affine, i, j) / (spacing[j] ?? 1)));
  for (const [p, q] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const)
    if (!(Math.abs(dot(columns[p], columns[q])) < 1e-4)) return undefined;
  const qfac = determinant(columns) < 0 ? -1 : 1;
  const r = (i: number, j: number): number => (columns[j]?.[i] ?? 0) * (j === 2 ? qfac : 1);
  // The largest of the four squared components is the divisor, for precision.
  const squares = [
    1 + r(0, 0) + r(1, 1) + r(2, 2),
    1 + r(0, 0) - r(1, 1) - r(2, 2),
    1 - r(0, 0) + r(1, 1) - r(2, 2),
    1 - r(0, 0) - r(1, 1) + r(2, 2),
  ];
  const largest = squares.indexOf(Math.max(...squares));
  const s = 2 * Math.sqrt(squares[largest] ?? 1);
  const [ab, ac, ad] = [(r(2, 1) - r(1, 2)) / s, (r(0, 2) - r(2, 0)) / s, (r(1, 0) - r(0, 1)) / s];
  const [bc, bd, cd] = [(r(0, 1) + r(1, 0)) / s, (r(0, 2) + r(2, 0)) / s, (r(1, 2) + r(2, 1)) / s];
  const [a, b, c, d] = [
    [s / 4, ab, ac, ad],
    [ab, s / 4, bc, bd],
    [ac, bc, s / 4, cd],
    [ad, bd, cd, s / 4],
  ][largest] as [number, number, number, number];
  const sign = a < 0 ? -1 : 1;
  return { b: sign * b + 0, c: sign * c + 0, d: sign * d + 0, qfac };
}

/** Distances between neighbouring voxels along the three axes, in mm. */
export function spacingOfAffine(affine: Affine): [number, number, number] {
  const length = (j: number): number => Math.hypot(at(affine, 0, j), at(affine, 1, j), at(affine, 2, j));
  return [length(0), length(1), length(2)];
}

/** Element (i, j) of an affine. */
function at(affine: Affine, i: number, j: number): number {
  return affine[i]?.[j] ?? Number.NaN;
}

function dot(p: readonly number[] = [], q: readonly number[] = []): number {
  return p.reduce((sum, value, i) => sum + value * (q[i] ?? 0), 0);
}

function determinant(columns: readonly (readonly number[])[]): number {
  const [[a = 0, b = 0, c = 0] = [], [d = 0, e = 0, f = 0] = [], [g = 0, h = 0, i = 0] = []] = columns;
  return a * (e * i - f * h) - d * (b * i - c * h) + g * (b * f - c * e);
}
