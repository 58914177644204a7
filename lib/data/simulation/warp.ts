import type { Rng } from "../../backend/rng";
import type { Anatomy } from "./anatomy";
import { DisplacementReader, type Displacement } from "./displacement";
import { nodeCount, sampleField, type Lattice, type Vector } from "./lattice";
import type { Person } from "./person";
import { smoothNoise } from "./smooth-noise";
import { MIDLINE_MM } from "./vessel-tree";

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
  const across = new Float32Array(x.length);
  const nx = lattice.dims[0];
  for (let i = 0; i < x.length; i++) {
    const px = lattice.originMm[0] + (i % nx) * lattice.spacingMm;
    across[i] = 2 * (MIDLINE_MM - px) - (x[i] as number);
  }
  return { x: across, y, z };
}

function randomVelocity(rng: Rng, lattice: Lattice, anatomy: Anatomy): Displacement {
  const freedom = freedomAt(lattice, anatomy);
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

/** How far small scales are free at each node: 0 at the surface and outside, 1 well inside. */
function freedomAt(lattice: Lattice, { coarse, depthMm }: Anatomy): Float32Array {
  const { originMm, spacingMm, dims } = lattice;
  const [x0, y0, z0] = originMm;
  const freedom = new Float32Array(nodeCount(lattice));
  let i = 0;
  for (let c = 0; c < dims[2]; c++)
    for (let b = 0; b < dims[1]; b++)
      for (let a = 0; a < dims[0]; a++, i++) {
        const depth = sampleField(
          coarse,
          depthMm,
          x0 + a * spacingMm,
          y0 + b * spacingMm,
          z0 + c * spacingMm,
        );
        freedom[i] = Math.min(1, Math.max(0, depth / FREE_DEPTH_MM));
      }
  return freedom;
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
  const { originMm, spacingMm, dims } = lattice;
  const at = (x: number, y: number, z: number): number => sampleField(coarse, ventricles, x, y, z);
  let i = 0;
  for (let c = 0; c < dims[2]; c++)
    for (let b = 0; b < dims[1]; b++)
      for (let a = 0; a < dims[0]; a++, i++) {
        const x = originMm[0] + a * spacingMm;
        const y = originMm[1] + b * spacingMm;
        const z = originMm[2] + c * spacingMm;
        if (at(x, y, z) < 0.002) continue;
        const gain = mean + unequal * (Math.abs(mean) + spread) * (variation[i] as number);
        velocity.x[i] = (velocity.x[i] as number) + gain * ((at(x + 4, y, z) - at(x - 4, y, z)) / 8);
        velocity.y[i] = (velocity.y[i] as number) + gain * ((at(x, y + 4, z) - at(x, y - 4, z)) / 8);
        velocity.z[i] = (velocity.z[i] as number) + gain * ((at(x, y, z + 4) - at(x, y, z - 4)) / 8);
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
  const [x, y, z] = [new Float32Array(count), new Float32Array(count), new Float32Array(count)] as const;
  const { x: fromX, y: fromY, z: fromZ } = first;
  const { originMm, spacingMm, dims } = lattice;
  const [x0, y0, z0] = originMm;
  const reader = new DisplacementReader(lattice, second);
  let i = 0;
  for (let c = 0; c < dims[2]; c++)
    for (let b = 0; b < dims[1]; b++)
      for (let a = 0; a < dims[0]; a++, i++) {
        const dx = fromX[i] as number;
        const dy = fromY[i] as number;
        const dz = fromZ[i] as number;
        reader.at(x0 + a * spacingMm + dx, y0 + b * spacingMm + dy, z0 + c * spacingMm + dz);
        x[i] = dx + reader.dx;
        y[i] = dy + reader.dy;
        z[i] = dz + reader.dz;
      }
  return { x, y, z };
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
  const [xx, yy, zz] = scales;
  const [cx, cy, cz] = centre;
  const { originMm, spacingMm, dims } = lattice;
  let i = 0;
  for (let c = 0; c < dims[2]; c++)
    for (let b = 0; b < dims[1]; b++)
      for (let a = 0; a < dims[0]; a++, i++) {
        const px = originMm[0] + a * spacingMm;
        const py = originMm[1] + b * spacingMm;
        const pz = originMm[2] + c * spacingMm;
        const x = px + (flow.x[i] as number) - cx;
        const y = py + (flow.y[i] as number) - cy;
        const z = pz + (flow.z[i] as number) - cz;
        to.x[i] = xx * x + xy * y + xz * z + cx + shift[0] - px;
        to.y[i] = yx * x + yy * y + yz * z + cy + shift[1] - py;
        to.z[i] = zx * x + zy * y + zz * z + cz + shift[2] - pz;
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
