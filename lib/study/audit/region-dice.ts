import { z } from "zod";
import { masksOf } from "../../data/batches";
import type { SliceSet } from "../../data/slice-set";
import { dice } from "../../metrics/dice";
import { countSubjects } from "../../metrics/subject-scores";
import { bestThreshold, thresholdMask, thresholdScores } from "../../metrics/threshold-segmentation";
import { CLASS_COUNT, SEQUENCES, TUMOUR_REGIONS, type Sequence, type TumourRegion } from "../../shape";
import { orNull } from "../../storage/json-number";

/** The regions of BraTS, from the whole tumour inwards. */
export const REGION_NAMES = Object.keys(TUMOUR_REGIONS) as readonly TumourRegion[];

/** How one method finds one region in each subject of another cohort. */
export const regionDiceSchema = z.object({
  region: z.enum(REGION_NAMES),
  /** The network, or the sequence of a threshold. */
  method: z.enum(["network", ...SEQUENCES]),
  /** Standard score above which the sequence counts as the region, chosen on training subjects; null of the network. */
  threshold: z.number().nullable(),
  /** Of each subject, in the order of the set; null where the region is empty in both. */
  dice: z.array(z.number().nullable()),
});
export type RegionDice = z.infer<typeof regionDiceSchema>;

/**
 * Scores a network by the regions of BraTS, and beside it for each region and sequence a threshold of its own, chosen
 * on the training subjects for just that region. So the thresholds have an advantage over one that is shared.
 *
 * @param prediction Class index of each pixel, [N, H, W] flattened.
 */
export function scoreRegions(
  target: SliceSet,
  prediction: Uint8Array,
  train: SliceSet,
  sequences: readonly Sequence[],
): readonly RegionDice[] {
  const annotation = masksOf(target, Array.from(target.subjectOf.keys()));
  return REGION_NAMES.flatMap((region) => {
    const classes: readonly number[] = TUMOUR_REGIONS[region];
    const inside = Uint8Array.from({ length: CLASS_COUNT }, (_, index) => Number(classes.includes(index)));
    const masked = (indices: Uint8Array): Uint8Array => indices.map((index) => inside[index] ?? 0);
    const truth = masked(annotation);
    const thresholds = sequences.map((sequence) => {
      const { threshold } = bestThreshold(thresholdScores(train, sequence, classes));
      const found = thresholdMask(target, sequence, threshold);
      return { region, method: sequence, threshold, dice: subjectDice(target, truth, found) };
    });
    const network = subjectDice(target, truth, masked(prediction));
    return [{ region, method: "network" as const, threshold: null, dice: network }, ...thresholds];
  });
}

/** Dice of a mask of 0 and 1 in each subject, over its slices as one volume. */
function subjectDice(target: SliceSet, annotation: Uint8Array, prediction: Uint8Array): RegionDice["dice"] {
  return countSubjects({ ...target, annotation, prediction }, 2).map(({ counts: [, inside] }) =>
    inside === undefined ? null : orNull(dice(inside)),
  );
}
