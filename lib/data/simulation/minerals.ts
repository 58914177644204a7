import type { Rng } from "../../backend/rng";
import { SEQUENCES, type Sequence } from "../../shape";
import { voxelMm } from "./frame";
import type { Head } from "./head";
import type { HeadImage } from "./head-image";
import { sampleField, type Lattice, type Vector } from "./lattice";
import { MIDLINE_MM } from "./vessel-tree";
import type { Displacement } from "./displacement";

/** A place that darkens: centre in the atlas as distance from the midline, y and z, and radii, mm. */
interface Deposit {
  readonly centre: Vector;
  readonly radii: Vector;
  readonly paired: boolean;
  /** Share of people of 60 years who have it. */
  readonly prevalence: number;
}

/**
 * Iron of the deep nuclei: globus pallidus, red nucleus, substantia nigra and dentate nucleus hold most of it, and
 * more with age (Hallgren and Sourander 1958, J Neurochem 3(1)).
 */
const IRON: readonly Deposit[] = [
  { centre: [19, 116, 71], radii: [4.5, 9, 5], paired: true, prevalence: 1 },
  { centre: [5, 131, 58], radii: [3, 3, 4], paired: true, prevalence: 1 },
  { centre: [9, 127, 56], radii: [5, 3, 3], paired: true, prevalence: 1 },
  { centre: [16, 168, 34], radii: [6, 4, 4], paired: true, prevalence: 1 },
];

/**
 * Calcifications: pineal gland, choroid plexus of the atria, falx, globus pallidus. On CT of 1,569 adults 71 % had the
 * first, 66 % the second, 7 % falx, tentorium or sinus, 0.8 % the basal ganglia (Daghighi et al. 2007, PMID 17594669);
 * the last are more frequent here.
 */
const CALCIUM: readonly Deposit[] = [
  { centre: [0, 141, 73], radii: [2.5, 3, 2.5], paired: false, prevalence: 0.7 },
  { centre: [26, 147, 80], radii: [2.5, 3, 4], paired: true, prevalence: 0.45 },
  { centre: [0, 80, 118], radii: [1.2, 6, 3], paired: false, prevalence: 0.1 },
  { centre: [18, 115, 72], radii: [2.5, 4, 2.5], paired: true, prevalence: 0.06 },
];

/** Share of the signal that a full deposit takes away at 3 T: iron shortens T2, calcium has few protons. */
export const MINERAL_LOSS: Readonly<Record<"iron" | "calcium", Readonly<Record<Sequence, number>>>> = {
  iron: { t1w: 0, t1wGd: 0, t2w: 0.3, flair: 0.25 },
  calcium: { t1w: 0.35, t1wGd: 0.35, t2w: 0.7, flair: 0.6 },
};

/**
 * Darkens the deposits of a patient.
 *
 * @param image The ideal image; its signals are changed.
 */
export function addMinerals(
  rng: Rng,
  { person, lattice, toAtlas }: Pick<Head, "person" | "lattice" | "toAtlas">,
  tesla: number,
  image: HeadImage,
): void {
  const ageing = Math.min(1.4, Math.max(0.15, (person.ageYears - 10) / 50));
  for (const [kind, deposits] of [
    ["iron", IRON],
    ["calcium", CALCIUM],
  ] as const)
    deposits.forEach(({ centre, radii, paired, prevalence }, index) => {
      for (const side of paired ? [-1, 1] : [1]) {
        const draw = rng.fork(kind, index, side).stream();
        if (draw.uniform() >= Math.min(1, prevalence * ageing)) continue;
        const amount = kind === "iron" ? ageing * Math.exp(draw.normal(0, 0.25)) : draw.uniform(0.4, 1);
        const size = kind === "iron" ? 1 : draw.uniform(0.5, 1.1);
        const point: Vector = [MIDLINE_MM + side * centre[0], centre[1], centre[2]];
        const place = placeInHead(lattice, toAtlas, point, person.mirrored);
        const strength = Math.min(1, amount * (kind === "iron" ? tesla / 3 : 1));
        darken(
          image,
          place,
          radii.map((r) => r * size) as unknown as Vector,
          (s) => strength * MINERAL_LOSS[kind][SEQUENCES[s] as Sequence],
        );
      }
    });
}

/** The point of the head whose tissue lies at a point of the atlas, by fixed-point steps. */
export function placeInHead(
  lattice: Lattice,
  toAtlas: Displacement,
  [ax, ay, az]: Vector,
  mirrored: boolean,
): Vector {
  let [x, y, z] = [mirrored ? 2 * MIDLINE_MM - ax : ax, ay, az];
  for (let step = 0; step < 8; step++) {
    const missX = ax - x - sampleField(lattice, toAtlas.x, x, y, z);
    const missY = ay - y - sampleField(lattice, toAtlas.y, x, y, z);
    const missZ = az - z - sampleField(lattice, toAtlas.z, x, y, z);
    x += (mirrored ? -0.8 : 0.8) * missX;
    y += 0.8 * missY;
    z += 0.8 * missZ;
  }
  return [x, y, z];
}

/** Takes signal away in an ellipsoid with a soft border. */
function darken(
  { box, signals, brain }: HeadImage,
  centre: Vector,
  radii: Vector,
  loss: (sequence: number) => number,
): void {
  const { frame, start, size } = box;
  const losses = signals.map((_, s) => loss(s));
  const bound = (axis: 0 | 1 | 2, sign: 1 | -1): number => {
    const mm = centre[axis] + sign * 1.5 * radii[axis];
    const voxel = Math.round((mm - voxelMm(frame, 0)) / frame.spacingMm) - start[axis];
    return Math.min(size[axis] - 1, Math.max(0, voxel));
  };
  for (let z = bound(2, -1); z <= bound(2, 1); z++)
    for (let y = bound(1, -1); y <= bound(1, 1); y++)
      for (let x = bound(0, -1); x <= bound(0, 1); x++) {
        const voxel = x + size[0] * (y + size[1] * z);
        if (brain[voxel] === 0) continue;
        const r = Math.hypot(
          (voxelMm(frame, start[0] + x) - centre[0]) / radii[0],
          (voxelMm(frame, start[1] + y) - centre[1]) / radii[1],
          (voxelMm(frame, start[2] + z) - centre[2]) / radii[2],
        );
        const share = Math.min(1, Math.max(0, 1.5 - r));
        if (share > 0)
          signals.forEach((signal, s) => {
            signal[voxel] = (signal[voxel] as number) * (1 - share * (losses[s] as number));
          });
      }
}
