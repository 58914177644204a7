import { tumourPixels } from "./batches";
import type { SlicePixels } from "./sharded-slices";

/** Share of the image from which on a tumour can be seen in a small picture. */
const SEEN_SHARE = 0.005;

/** What captions say of the choice. */
export const FIRST_TUMOURS_TITLE = `the first images with a tumour on at least ${100 * SEEN_SHARE} % of their pixels`;

/**
 * The first slices with a tumour that can be seen, not the best ones; where there are too few of them, those with
 * smaller ones fill up.
 *
 * @param count How many, at most.
 * @returns Positions, rising.
 */
export function firstTumours(
  set: SlicePixels & { readonly count: number },
  count: number,
): readonly number[] {
  const [seen, small]: [number[], number[]] = [[], []];
  for (let n = 0; n < set.count && seen.length < count; n++) {
    const pixels = tumourPixels(set, n);
    if (pixels >= SEEN_SHARE * set.size ** 2) seen.push(n);
    else if (pixels > 0) small.push(n);
  }
  return [...seen, ...small].slice(0, count).sort((a, b) => a - b);
}
