import { tumourPixels } from "./batches";
import type { SliceSet } from "./slice-set";

/** The slice with the largest tumour of each subject, in the order of the subjects. */
export function widestTumours(set: SliceSet): readonly number[] {
  const best = new Map<number, { readonly slice: number; readonly pixels: number }>();
  for (let n = 0; n < set.count; n++) {
    const subject = set.subjectOf[n] ?? 0;
    const pixels = tumourPixels(set, n);
    if (pixels > (best.get(subject)?.pixels ?? -1)) best.set(subject, { slice: n, pixels });
  }
  return [...best.values()].map(({ slice }) => slice);
}
