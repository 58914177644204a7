import { TUMOUR_CLASSES, type TumourClass } from "../shape";
import { countClasses, dice, precision, sensitivity } from "./dice";
import type { GridShape, GridSpacing } from "./distance-transform";
import {
  averageSurfaceDistance,
  hausdorff,
  hausdorffPercentile,
  surfaceDistances,
  type SurfaceDistances,
} from "./surface-distance";

/** How a predicted mask compares to an annotated one in one subject. */
export interface MaskScore {
  /** In [0, 1]. */
  readonly dice: number;
  readonly sensitivity: number;
  readonly precision: number;
  /** Largest surface distance, mm. */
  readonly hausdorffMm: number;
  /** 95th percentile of the surface distances, mm. */
  readonly hausdorff95Mm: number;
  /** Mean of the two directed mean surface distances, mm. */
  readonly averageSurfaceDistanceMm: number;
}

/** The regions that the BraTS challenge scores, as unions of classes. */
export const REGIONS = {
  wholeTumour: ["necroticCore", "edema", "enhancingTumour"],
  tumourCore: ["necroticCore", "enhancingTumour"],
  enhancingTumour: ["enhancingTumour"],
} as const satisfies Record<string, readonly TumourClass[]>;

export type Region = keyof typeof REGIONS;

/** Scores of one subject's whole volume. */
export interface VolumeScores {
  /** Each class for itself, by the study's rules. */
  readonly classes: Readonly<Record<TumourClass, MaskScore>>;
  /** The mean of the three classes' Dice, those that are NaN left out. */
  readonly meanDice: number;
  /** Unions of classes, by the challenge's rules. */
  readonly regions: Readonly<Record<Region, MaskScore>>;
}

/** A segmentation of one subject: class index of each voxel, x fastest. */
export interface ClassVolume {
  readonly classes: Uint8Array;
  readonly shape: GridShape;
  readonly spacingMm: GridSpacing;
}

/**
 * The challenge's distance where just one of the masks is empty: the diagonal of its volumes, mm.
 *
 * @see Bakas et al. 2018, arXiv 1811.02629, and the evaluation of BraTS 2020.
 */
const CHALLENGE_PENALTY_MM = Math.hypot(240, 240, 155);

/**
 * Scores a predicted segmentation.
 *
 * Rules where a mask is empty. The study's, for classes: empty in both gives NaN, which means leave out; empty
 * in one gives a Dice of 0 and no distance (NaN). The challenge's, for regions: empty in both gives a Dice of 1
 * and a distance of 0; empty in one 0 and the diagonal of BraTS's volumes, 373.1 mm.
 *
 * @throws RangeError if the volumes' sizes differ, or a class is not 0 to 3.
 */
export function scoreVolume(annotation: ClassVolume, predicted: Uint8Array): VolumeScores {
  const score = (wanted: readonly TumourClass[]): MaskScore => scoreUnion(annotation, predicted, wanted);
  const classes = {
    necroticCore: score(["necroticCore"]),
    edema: score(["edema"]),
    enhancingTumour: score(["enhancingTumour"]),
  };
  const numbers = TUMOUR_CLASSES.map((name) => classes[name].dice).filter((value) => !Number.isNaN(value));
  const region = (name: Region): MaskScore => byChallenge(score(REGIONS[name]));
  return {
    classes,
    meanDice: numbers.reduce((sum, value) => sum + value, 0) / numbers.length,
    regions: {
      wholeTumour: region("wholeTumour"),
      tumourCore: region("tumourCore"),
      enhancingTumour: region("enhancingTumour"),
    },
  };
}

function scoreUnion(
  { classes, shape, spacingMm }: ClassVolume,
  predicted: Uint8Array,
  wanted: readonly TumourClass[],
): MaskScore {
  const members = wanted.map((name) => TUMOUR_CLASSES.indexOf(name) + 1);
  const inUnion = Uint8Array.from({ length: TUMOUR_CLASSES.length + 1 }, (_, index) =>
    members.includes(index) ? 1 : 0,
  );
  const maskOf = (volume: Uint8Array): Uint8Array =>
    volume.map((index, voxel) => {
      const inside = inUnion[index];
      if (inside === undefined) throw new RangeError(`voxel ${voxel} has class ${index}`);
      return inside;
    });
  const [truth, found] = [maskOf(classes), maskOf(predicted)];
  const [, counts] = countClasses(truth, found, 2);
  if (counts === undefined) throw new Error("no counts");
  return {
    dice: dice(counts),
    sensitivity: sensitivity(counts),
    precision: precision(counts),
    ...distanceScores(surfaceDistances(truth, found, shape, spacingMm)),
  };
}

type DistanceScores = Pick<MaskScore, "hausdorffMm" | "hausdorff95Mm" | "averageSurfaceDistanceMm">;

function distanceScores(distances: SurfaceDistances | undefined): DistanceScores {
  if (distances === undefined) return everyDistance(Number.NaN);
  return {
    hausdorffMm: hausdorff(distances),
    hausdorff95Mm: hausdorffPercentile(distances, 0.95),
    averageSurfaceDistanceMm: averageSurfaceDistance(distances),
  };
}

function everyDistance(mm: number): DistanceScores {
  return { hausdorffMm: mm, hausdorff95Mm: mm, averageSurfaceDistanceMm: mm };
}

/** The challenge's rules for empty masks in place of the study's. */
function byChallenge(score: MaskScore): MaskScore {
  if (!Number.isNaN(score.hausdorffMm)) return score;
  const bothEmpty = Number.isNaN(score.dice);
  return bothEmpty
    ? { dice: 1, sensitivity: 1, precision: 1, ...everyDistance(0) }
    : { dice: 0, sensitivity: 0, precision: 0, ...everyDistance(CHALLENGE_PENALTY_MM) };
}
