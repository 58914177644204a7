import { z } from "zod";
import type { SliceSet } from "../../data/slice-set";
import { STUDY_SIZE } from "../../data/study-slices";
import { countRegions, largestRegion } from "../../metrics/connected-regions";
import type { GridShape, GridSpacing } from "../../metrics/distance-transform";
import { scoreMask } from "../../metrics/volume-scores";
import { orNull } from "../../storage/json-number";

const score = z.number().nullable();

/** How a prediction of the whole tumour, all its classes together, compares to the annotation of one subject. */
export const wholeTumourSchema = z.object({
  /** A fraction; null where both are empty. */
  dice: score,
  /** 95th percentile of the distances between the surfaces, mm; null where either is empty. */
  hausdorff95Mm: score,
  /** Share of the predicted tumour that is annotated; null where none is predicted. */
  precision: score,
  /** Share of the annotated tumour that is predicted; null where none is annotated. */
  sensitivity: score,
  /** Connected regions of the prediction of which no voxel is annotated, however small. */
  falseRegions: z.number(),
  /** All connected regions of the prediction, however small. */
  regions: z.number(),
});
export type WholeTumourScore = z.infer<typeof wholeTumourSchema>;

/**
 * Scores a prediction of the whole tumour in one subject, over its slices as one volume.
 *
 * Slices stand at their axial positions. What was not kept (a slice with little brain, so the top and bottom of the
 * head and, seldom, one in between) holds neither tumour nor prediction: a tumour that goes on there ends at the last
 * slice kept, and a gap parts regions. Nothing is penalised where a mask is empty, unlike in the challenge.
 *
 * @param subject Index into the subjects of the set.
 * @param annotation Not 0 where there is tumour, [N, H, W] flattened over all slices of the set.
 * @param prediction The same of the prediction.
 * @param keep Which of the prediction's regions count: all, or the largest of the volume alone.
 * @throws RangeError if the subject has no slice, or two at one position.
 */
export function scoreWholeTumour(
  set: SliceSet,
  subject: number,
  annotation: Uint8Array,
  prediction: Uint8Array,
  keep: "all" | "largest" = "all",
): WholeTumourScore {
  const slices = slicesOf(set, subject);
  const shape = gridOf(set, slices);
  const truth = stack(set, slices, annotation, shape);
  const everything = stack(set, slices, prediction, shape);
  const found = keep === "all" ? everything : largestRegion(everything, shape);
  const { dice, hausdorff95Mm, precision, sensitivity } = scoreMask(truth, found, shape, spacingOf(set));
  const { predicted, wrong } = countRegions(truth, found, shape);
  return {
    dice: orNull(dice),
    hausdorff95Mm: orNull(hausdorff95Mm),
    precision: orNull(precision),
    sensitivity: orNull(sensitivity),
    falseRegions: wrong,
    regions: predicted,
  };
}

/**
 * Distances between neighbours of prepared slices, mm. BraTS has voxels of 1 mm; its 240 mm of each slice are padded
 * to 256 pixels before they are shrunk, so that a slice of 64 x 64 has pixels of 4 mm (not 240 / 64 = 3.75). Axial
 * positions count the slices of the volume, which are 1 mm apart at every size.
 */
export function spacingOf({ size }: Pick<SliceSet, "size">): GridSpacing {
  return [STUDY_SIZE / size, STUDY_SIZE / size, 1];
}

/** Indices of a subject's slices. */
function slicesOf({ subjectOf }: SliceSet, subject: number): readonly number[] {
  const slices = Array.from(subjectOf.keys()).filter((n) => subjectOf[n] === subject);
  if (slices.length === 0) throw new RangeError(`subject ${subject} has no slice`);
  return slices;
}

/** From a subject's lowest slice to its highest, [X, Y, Z]. */
function gridOf(set: SliceSet, slices: readonly number[]): GridShape {
  const positions = slices.map((n) => set.z[n] ?? 0);
  if (new Set(positions).size < positions.length)
    throw new RangeError("two slices of a subject stand at one axial position");
  return [set.size, set.size, Math.max(...positions) - Math.min(...positions) + 1];
}

/** Some slices of a mask as a volume, 1 where the mask is not 0. */
function stack(
  set: SliceSet,
  slices: readonly number[],
  mask: Uint8Array,
  [width, height, depth = 1]: GridShape,
): Uint8Array {
  const pixels = width * height;
  const volume = new Uint8Array(pixels * depth);
  const lowest = Math.min(...slices.map((n) => set.z[n] ?? 0));
  for (const n of slices) {
    const start = ((set.z[n] ?? 0) - lowest) * pixels;
    for (let i = 0; i < pixels; i++) volume[start + i] = mask[n * pixels + i] === 0 ? 0 : 1;
  }
  return volume;
}
