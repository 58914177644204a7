import type { Rng } from "../../backend/rng";
import type { Anatomy } from "./anatomy";
import { nodeCount, nodePosition, sampleField, type Lattice, type Vector } from "./lattice";
import type { Person } from "./person";
import { smoothNoise } from "./smooth-noise";
import { MIDLINE_MM } from "./vessel-tree";

/** A map of space: the node at p goes to p + (x, y, z), mm; one value a node each. */
export interface Displacement {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly z: Float32Array;
}

/**
 * Control distance and standard deviation of the random velocities: shape of the head, of lobes, of gyri; and the
 * share of it at the brain's surface.
 */
export const WARP_SCALES = [
  { controlMm: 45, deviationMm: 2.2, atSurface: 1 },
  { controlMm: 22, deviationMm: 1.4, atSurface: 0.4 },
  { controlMm: 11, deviationMm: 1.4, atSurface: 0.2 },
] as const;

/** The skull is smoother than what it holds: small scales reach their full size at this depth, mm. */
const FREE_DEPTH_MM = 14;

/** Squarings of the exponential: the first step is 1/16 of the velocity, at most half a millimetre. */
const SQUARINGS = 4;

/**
 * Size of the ventricles: velocity is a gain, mm times mm, times the gradient of their density. The gain of a young
 * brain, what atrophy of 1 adds, the spread between people, and the relative spread over the ventricle, which makes
 * its sides and horns unequal. They grow with age (Scahill et al. 2003, Arch Neurol 60(7)); by how much is our choice.
 */
export const VENTRICLE_GAIN = {
  young: -8,
  atrophy: 30,
  spread: 14,
  low: -18,
  high: 85,
  unequal: 0.3,
} as const;

/** Standard deviations of an affine: size, proportions, shears and turns (radians or shares). */
export const HEAD_SHAPE = { size: 0.02, proportion: 0.023, shear: 0.012 } as const;

/**
 * A subject's own head: the map from its space to the atlas, an affine after a diffeomorphism.
 *
 * @returns Where each node's tissue is found in the atlas, as displacement in mm.
 * @see Arsigny et al. 2006, MICCAI, doi 10.1007/11866565_113, for stationary velocity fields.
 */
export function headWarp(
  rng: Rng,
  lattice: Lattice,
  anatomy: Anatomy,
  person: Pick<Person, "atrophy" | "mirrored">,
): Displacement {
  const velocity = randomVelocity(rng.fork("velocity"), lattice, anatomy);
  addVentricleExpansion(rng.fork("ventricles"), lattice, anatomy, person.atrophy, velocity);
  const warp = followAffine(rng.fork("affine"), lattice, exponential(lattice, velocity));
  return person.mirrored ? mirror(lattice, warp) : warp;
}

/** The same map with left and right of the atlas exchanged. */
function mirror(lattice: Lattice, { x, y, z }: Displacement): Displacement {
  const across = x.map((dx, i) => 2 * (MIDLINE_MM - nodePosition(lattice, i)[0]) - dx);
  return { x: across, y, z };
}

function randomVelocity(rng: Rng, lattice: Lattice, anatomy: Anatomy): Displacement {
  // 0 at the surface and outside, 1 well inside.
  const freedom = Float32Array.from({ length: nodeCount(lattice) }, (_, i) => {
    const depth = sampleField(anatomy.coarse, anatomy.depthMm, ...nodePosition(lattice, i));
    return Math.min(1, Math.max(0, depth / FREE_DEPTH_MM));
  });
  const axis = (name: string): Float32Array => {
    const sum = new Float32Array(nodeCount(lattice));
    WARP_SCALES.forEach(({ controlMm, deviationMm, atSurface }, scale) => {
      const field = smoothNoise(rng.fork(name, scale), lattice, controlMm);
      for (let i = 0; i < sum.length; i++) {
        const share = atSurface + (1 - atSurface) * (freedom[i] as number);
        sum[i] = (sum[i] as number) + deviationMm * share * (field[i] as number);
      }
    });
    return sum;
  };
  return { x: axis("x"), y: axis("y"), z: axis("z") };
}

/** Draws the ventricles' size: to look for tissue nearer to them is to make them larger. */
function addVentricleExpansion(
  rng: Rng,
  lattice: Lattice,
  anatomy: Anatomy,
  atrophy: number,
  velocity: Displacement,
): void {
  const { young, atrophy: perAtrophy, spread, low, high, unequal } = VENTRICLE_GAIN;
  const drawn = rng.stream().normal(young + perAtrophy * atrophy, spread);
  const mean = Math.min(high, Math.max(low, drawn));
  const variation = smoothNoise(rng.fork("unequal"), lattice, 40);
  const { coarse, ventricles } = anatomy;
  for (let i = 0; i < velocity.x.length; i++) {
    const [x, y, z] = nodePosition(lattice, i);
    const here = sampleField(coarse, ventricles, x, y, z);
    if (here < 0.002) continue;
    const gain = mean + unequal * (Math.abs(mean) + spread) * (variation[i] as number);
    const slope = (dx: number, dy: number, dz: number): number =>
      (sampleField(coarse, ventricles, x + dx, y + dy, z + dz) -
        sampleField(coarse, ventricles, x - dx, y - dy, z - dz)) /
      8;
    velocity.x[i] = (velocity.x[i] as number) + gain * slope(4, 0, 0);
    velocity.y[i] = (velocity.y[i] as number) + gain * slope(0, 4, 0);
    velocity.z[i] = (velocity.z[i] as number) + gain * slope(0, 0, 4);
  }
}

/** The flow of a velocity field for unit time, by scaling and squaring. */
export function exponential(lattice: Lattice, velocity: Displacement): Displacement {
  const share = 1 / 2 ** SQUARINGS;
  const scale = (field: Float32Array): Float32Array => {
    const scaled = new Float32Array(field.length);
    for (let i = 0; i < field.length; i++) scaled[i] = share * (field[i] as number);
    return scaled;
  };
  let flow: Displacement = { x: scale(velocity.x), y: scale(velocity.y), z: scale(velocity.z) };
  for (let i = 0; i < SQUARINGS; i++) flow = compose(lattice, flow, flow);
  return flow;
}

/** The map that goes through `first`, then through `second`. */
export function compose(lattice: Lattice, first: Displacement, second: Displacement): Displacement {
  const count = nodeCount(lattice);
  const sum = { x: new Float32Array(count), y: new Float32Array(count), z: new Float32Array(count) };
  const { originMm, spacingMm, dims } = lattice;
  const reader = new DisplacementReader(lattice, second);
  let i = 0;
  for (let c = 0; c < dims[2]; c++)
    for (let b = 0; b < dims[1]; b++)
      for (let a = 0; a < dims[0]; a++, i++) {
        const dx = first.x[i] as number;
        const dy = first.y[i] as number;
        const dz = first.z[i] as number;
        reader.at(
          originMm[0] + a * spacingMm + dx,
          originMm[1] + b * spacingMm + dy,
          originMm[2] + c * spacingMm + dz,
        );
        sum.x[i] = dx + reader.dx;
        sum.y[i] = dy + reader.dy;
        sum.z[i] = dz + reader.dz;
      }
  return sum;
}

/** Reads a displacement between its nodes; the last result stands in three properties, mm. */
export class DisplacementReader {
  /** Kept in an array: fields that hold fractions are made anew at each change. */
  private readonly last = new Float64Array(3);

  constructor(
    private readonly lattice: Lattice,
    private readonly displacement: Displacement,
  ) {}

  get dx(): number {
    return this.last[0] as number;
  }
  get dy(): number {
    return this.last[1] as number;
  }
  get dz(): number {
    return this.last[2] as number;
  }

  /** Trilinear interpolation at a point, mm; beyond the lattice its outermost values hold. */
  at(px: number, py: number, pz: number): void {
    const { originMm, spacingMm, dims } = this.lattice;
    const { x, y, z } = this.displacement;
    const [nx, ny, nz] = dims;
    const fx = Math.min(Math.max((px - originMm[0]) / spacingMm, 0), nx - 1.001);
    const fy = Math.min(Math.max((py - originMm[1]) / spacingMm, 0), ny - 1.001);
    const fz = Math.min(Math.max((pz - originMm[2]) / spacingMm, 0), nz - 1.001);
    const wx = fx - (fx | 0);
    const wy = fy - (fy | 0);
    const wz = fz - (fz | 0);
    let i = (fx | 0) + nx * ((fy | 0) + ny * (fz | 0));
    let [dx, dy, dz] = [0, 0, 0];
    // Four pairs of neighbours along x, each with its share of the cell.
    for (let pair = 0; pair < 4; pair++) {
      const share = ((pair & 1) === 0 ? 1 - wy : wy) * (pair < 2 ? 1 - wz : wz);
      dx += share * ((x[i] as number) + wx * ((x[i + 1] as number) - (x[i] as number)));
      dy += share * ((y[i] as number) + wx * ((y[i + 1] as number) - (y[i] as number)));
      dz += share * ((z[i] as number) + wx * ((z[i + 1] as number) - (z[i] as number)));
      i += pair === 1 ? nx * (ny - 1) : nx;
    }
    this.last[0] = dx;
    this.last[1] = dy;
    this.last[2] = dz;
  }
}

/** Random size, proportion, shear, rotation and place about the middle of the head. */
function followAffine(rng: Rng, lattice: Lattice, flow: Displacement): Displacement {
  const centre: Vector = [119, 128, 75];
  const draw = rng.stream();
  const size = draw.normal(1, HEAD_SHAPE.size);
  const scales = [0, 1, 2].map(() => size * draw.normal(1, HEAD_SHAPE.proportion)) as [
    number,
    number,
    number,
  ];
  const off = [0, 1, 2, 3, 4, 5].map(() => draw.normal(0, HEAD_SHAPE.shear)); // shears and rotations up to some 3 degrees
  const shift = [draw.normal(0, 1), draw.normal(0, 1.5), draw.normal(0, 1.5)] as [number, number, number];
  const [xy, xz, yx, yz, zx, zy] = off as [number, number, number, number, number, number];
  const to = {
    x: new Float32Array(flow.x.length),
    y: new Float32Array(flow.x.length),
    z: new Float32Array(flow.x.length),
  };
  for (let i = 0; i < flow.x.length; i++) {
    const [px, py, pz] = nodePosition(lattice, i);
    const x = px + (flow.x[i] as number) - centre[0];
    const y = py + (flow.y[i] as number) - centre[1];
    const z = pz + (flow.z[i] as number) - centre[2];
    to.x[i] = scales[0] * x + xy * y + xz * z + centre[0] + shift[0] - px;
    to.y[i] = yx * x + scales[1] * y + yz * z + centre[1] + shift[1] - py;
    to.z[i] = zx * x + zy * y + scales[2] * z + centre[2] + shift[2] - pz;
  }
  return to;
}

/** Volume change of a map at each inner node: the determinant of its Jacobian by central differences. */
export function jacobianDeterminants(lattice: Lattice, { x, y, z }: Displacement): Float32Array {
  const [nx, ny, nz] = lattice.dims;
  const determinants: number[] = [];
  const width = 2 * lattice.spacingMm;
  const gradient = (field: Float32Array, i: number): Vector => [
    ((field[i + 1] as number) - (field[i - 1] as number)) / width,
    ((field[i + nx] as number) - (field[i - nx] as number)) / width,
    ((field[i + nx * ny] as number) - (field[i - nx * ny] as number)) / width,
  ];
  for (let c = 1; c < nz - 1; c++)
    for (let b = 1; b < ny - 1; b++)
      for (let a = 1; a < nx - 1; a++) {
        const i = a + nx * (b + ny * c);
        const [xx, xy, xz] = gradient(x, i);
        const [yx, yy, yz] = gradient(y, i);
        const [zx, zy, zz] = gradient(z, i);
        determinants.push(
          (1 + xx) * ((1 + yy) * (1 + zz) - yz * zy) -
            xy * (yx * (1 + zz) - yz * zx) +
            xz * (yx * zy - (1 + yy) * zx),
        );
      }
  return Float32Array.from(determinants);
}
