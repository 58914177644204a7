import { CLASS_COUNT, TUMOUR_CLASSES, type TumourClass } from "../shape";
import { confusionMatrix, dice, precision, sensitivity, type ClassCounts } from "./dice";
import type { GridShape, GridSpacing } from "./distance-transform";
import { boundingBox, crop } from "./mask-box";
import { meanOfNumbers } from "./subject-scores";
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
  const pair = tumourBox(annotation, predicted);
  const score = (wanted: readonly TumourClass[]): MaskScore => scoreUnion(pair, wanted);
  const classes = {
    necroticCore: score(["necroticCore"]),
    edema: score(["edema"]),
    enhancingTumour: score(["enhancingTumour"]),
  };
  return {
    classes,
    meanDice: meanOfNumbers(TUMOUR_CLASSES.map((name) => classes[name].dice)),
    regions: {
      wholeTumour: byChallenge(score(REGIONS.wholeTumour)),
      tumourCore: byChallenge(score(REGIONS.tumourCore)),
      enhancingTumour: byChallenge(classes.enhancingTumour), // The region is the class, by other rules.
    },
  };
}

/** Two segmentations on one grid. */
interface SegmentationPair extends ClassVolume {
  readonly predicted: Uint8Array;
  /** Voxels of each pair (annotated class, predicted class), flattened. */
  readonly confusion: Float64Array;
}

/** The part of both volumes that holds all their tumour: what lies around it changes no score. */
function tumourBox(annotation: ClassVolume, predicted: Uint8Array): SegmentationPair {
  const { classes, shape, spacingMm } = annotation;
  const confusion = confusionMatrix(classes, predicted, CLASS_COUNT);
  const box = boundingBox([classes, predicted], shape);
  if (box === undefined) return { ...annotation, predicted, confusion };
  return {
    classes: crop(classes, shape, box),
    predicted: crop(predicted, shape, box),
    shape: box.size,
    spacingMm,
    confusion,
  };
}

/**
 * Scores a predicted mask of one subject by the study's rules: NaN where a measure is not defined, which means leave
 * out. A distance needs both masks, sensitivity the annotated and precision the predicted one.
 *
 * @param annotation 1 in the mask, 0 elsewhere, x fastest.
 * @throws RangeError if a mask has another value, or not the shape given.
 */
export function scoreMask(
  annotation: Uint8Array,
  prediction: Uint8Array,
  shape: GridShape,
  spacingMm: GridSpacing,
): MaskScore {
  const [, falsePositives = 0, falseNegatives = 0, truePositives = 0] = confusionMatrix(
    annotation,
    prediction,
    2,
  );
  const distances = surfaceDistances(annotation, prediction, shape, spacingMm);
  return maskScore({ truePositives, falsePositives, falseNegatives }, distances);
}

function scoreUnion(pair: SegmentationPair, wanted: readonly TumourClass[]): MaskScore {
  const inUnion = Uint8Array.from({ length: CLASS_COUNT }, (_, index) => {
    const name = TUMOUR_CLASSES[index - 1];
    return name !== undefined && wanted.includes(name) ? 1 : 0;
  });
  const counts = countsOfUnion(pair.confusion, inUnion);
  const truth = maskOf(pair.classes, inUnion);
  const found = maskOf(pair.predicted, inUnion);
  return maskScore(counts, surfaceDistances(truth, found, pair.shape, pair.spacingMm));
}

function maskScore(counts: ClassCounts, distances: SurfaceDistances | undefined): MaskScore {
  return {
    dice: dice(counts),
    sensitivity: sensitivity(counts),
    precision: precision(counts),
    ...distanceScores(distances),
  };
}

/** @param inUnion 1 for each class of the union. */
function countsOfUnion(confusion: Float64Array, inUnion: Uint8Array): ClassCounts {
  const sum = (annotated: 0 | 1, predicted: 0 | 1): number =>
    confusion.reduce((total, voxels, at) => {
      const [truth, found] = [inUnion[Math.floor(at / CLASS_COUNT)], inUnion[at % CLASS_COUNT]];
      return truth === annotated && found === predicted ? total + voxels : total;
    }, 0);
  return { truePositives: sum(1, 1), falsePositives: sum(0, 1), falseNegatives: sum(1, 0) };
}

function maskOf(classes: Uint8Array, inUnion: Uint8Array): Uint8Array {
  const mask = new Uint8Array(classes.length);
  for (let i = 0; i < mask.length; i++) mask[i] = inUnion[classes[i] as number] as number;
  return mask;
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
