import { masksOf } from "../data/batches";
import type { SliceSet } from "../data/slice-set";
import { CLASS_COUNT, SEQUENCES, SLICE_CHANNELS, TUMOUR_REGIONS, type Sequence } from "../shape";
import { dice } from "./dice";
import { meanOfNumbers } from "./subject-scores";

/** Thresholds that are tried: standard scores in the brain. */
const LOWEST = -1;
const STEP = 0.05;
const COUNT = 121;

const WHOLE_TUMOUR = TUMOUR_REGIONS.wholeTumour;

/** Thresholds and what each gives. */
export interface ThresholdScores {
  readonly thresholds: Float64Array;
  /** For each subject the Dice of the region at each threshold; NaN where it is not defined. */
  readonly dice: readonly Float64Array[];
}

/**
 * The simplest segmentation that can be had: a pixel is tumour where one sequence is brighter than a
 * threshold. Each subject's slices are first brought to zero mean and unit deviation over the pixels above 0.
 *
 * @param region Indices of the classes that are to be found; all three where left out.
 */
export function thresholdScores(
  set: SliceSet,
  sequence: Sequence,
  region: readonly number[] = WHOLE_TUMOUR,
): ThresholdScores {
  const thresholds = Float64Array.from({ length: COUNT }, (_, i) => LOWEST + STEP * i);
  return {
    thresholds,
    dice: set.subjects.map((_, subject) =>
      subjectDice(greyCounts(set, subject, sequence, region), thresholds),
    ),
  };
}

/** The threshold with the highest mean Dice over subjects, and that mean. */
export function bestThreshold({ thresholds, dice: scores }: ThresholdScores): {
  readonly index: number;
  readonly threshold: number;
  readonly meanDice: number;
} {
  const means = Array.from(thresholds, (_, i) => meanOfNumbers(scores.map((of) => of[i] ?? Number.NaN)));
  const index = means.reduce((best, mean, i) => (mean > (means[best] ?? -1) ? i : best), 0);
  return { index, threshold: thresholds[index] ?? Number.NaN, meanDice: means[index] ?? Number.NaN };
}

/**
 * What a threshold takes for tumour, by the same standard scores of each subject as thresholdScores.
 *
 * @returns 1 in the tumour, 0 elsewhere, [N, H, W] flattened.
 */
export function thresholdMask(set: SliceSet, sequence: Sequence, threshold: number): Uint8Array {
  const pixels = set.size ** 2;
  const channel = SEQUENCES.indexOf(sequence);
  const mask = new Uint8Array(set.count * pixels);
  for (const subject of set.subjects.keys()) {
    const above = greysAbove(greyScores(greyCounts(set, subject, sequence)), threshold);
    for (let n = 0; n < set.count; n++) {
      if (set.subjectOf[n] !== subject) continue;
      for (let i = n * pixels; i < (n + 1) * pixels; i++)
        mask[i] = above[set.images[i * SLICE_CHANNELS + channel] as number] as number;
    }
  }
  return mask;
}

function subjectDice(counts: GreyCounts, thresholds: Float64Array): Float64Array {
  const { inRegion, outside } = counts;
  const scores = greyScores(counts);
  const annotated = inRegion.reduce((sum, count) => sum + count, 0);
  return thresholds.map((threshold) => {
    const above = greysAbove(scores, threshold);
    let [truePositives, falsePositives] = [0, 0];
    for (let grey = 1; grey < 256; grey++) {
      if (above[grey] === 0) continue;
      truePositives += inRegion[grey] as number;
      falsePositives += outside[grey] as number;
    }
    return dice({ truePositives, falsePositives, falseNegatives: annotated - truePositives });
  });
}

/** How often each grey value stands in and outside a region of a subject, [256] each. */
interface GreyCounts {
  readonly inRegion: Float64Array;
  readonly outside: Float64Array;
}

function greyCounts(
  set: SliceSet,
  subject: number,
  sequence: Sequence,
  region: readonly number[] = WHOLE_TUMOUR,
): GreyCounts {
  const [inRegion, outside] = [new Float64Array(256), new Float64Array(256)];
  const inside = Uint8Array.from({ length: CLASS_COUNT }, (_, index) => Number(region.includes(index)));
  const pixels = set.size ** 2;
  for (let n = 0; n < set.count; n++) {
    if (set.subjectOf[n] !== subject) continue;
    const classes = masksOf(set, [n]);
    let at = n * pixels * SLICE_CHANNELS + SEQUENCES.indexOf(sequence);
    for (let i = 0; i < pixels; i++, at += SLICE_CHANNELS) {
      const counts = inside[classes[i] as number] === 1 ? inRegion : outside;
      const grey = set.images[at] as number;
      counts[grey] = (counts[grey] as number) + 1;
    }
  }
  return { inRegion, outside };
}

/** Mean and standard deviation of a subject's grey values above 0. */
interface GreyScores {
  readonly mean: number;
  readonly deviation: number;
}

/** 1 for each grey value whose standard score is above a threshold, [256]; 0, the background, never is. */
function greysAbove({ mean, deviation }: GreyScores, threshold: number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, grey) =>
    Number(grey > 0 && (grey - mean) / deviation > threshold),
  );
}

function greyScores({ inRegion, outside }: GreyCounts): GreyScores {
  let [count, sum, squares] = [0, 0, 0];
  for (let grey = 1; grey < 256; grey++) {
    const pixels = (inRegion[grey] as number) + (outside[grey] as number);
    count += pixels;
    sum += pixels * grey;
    squares += pixels * grey * grey;
  }
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(Math.max(1e-9, squares / count - mean ** 2)) };
}
