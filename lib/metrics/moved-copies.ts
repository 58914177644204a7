import type { SliceSet } from "../data/slice-set";
import type { Sequence } from "../shape";
import type { ImageRows } from "./image-rows";
import { sequenceRows } from "./memorization";
import { bestPosedMatches, poses, type PosedMatches } from "./posed-correlation";
import { quantileOfSorted, sortedNumbers } from "./quantile";

/** How images are compared, and how far they are moved. */
export interface MovedOptions {
  readonly sequence: Sequence;
  /** Images of each set at most, taken at even steps: each is compared in every pose. */
  readonly images: number;
  /** Shifts along each axis are of up to so many pixels. */
  readonly reachPixels: number;
}

/** How many images are like a training slice once they may be moved and mirrored. */
export interface MovedCopies {
  /** Images compared. */
  readonly images: number;
  /** 99th percentile of the held-out slices' best correlations over the same poses. */
  readonly threshold: number;
  /** Share of the images above it, in [0, 1]; NaN where nothing can be compared. */
  readonly shareAbove: number;
  /** Share of the images above it whose best pose is moved or mirrored, in [0, 1]. */
  readonly shareMoved: number;
}

/**
 * The training slice that each of some slices is most like once it may be moved and mirrored. Needs a started backend.
 *
 * @see `bestPosedMatches`.
 */
export function bestMoved(
  set: SliceSet,
  training: SliceSet,
  { sequence, images, reachPixels }: MovedOptions,
): PosedMatches {
  const rows = evenRows(sequenceRows(set, sequence), images);
  return bestPosedMatches(rows, sequenceRows(training, sequence), "image", set.size, poses(reachPixels));
}

/**
 * Looks for training slices in images that were shifted or mirrored on the way, as augmentation would do: plain
 * correlation misses those. Held-out real slices, in the same poses, say what is to be expected of strangers.
 *
 * @param found Of a generator's images.
 * @param heldOut Best correlations of real slices of subjects that it has not seen, [N]; NaN where there is none.
 */
export function movedCopies(found: PosedMatches, heldOut: ArrayLike<number>): MovedCopies {
  const known = sortedNumbers(heldOut);
  const threshold = quantileOfSorted(known, 0.99);
  const compared = found.r.filter((r) => !Number.isNaN(r)).length;
  const above = Array.from(found.r.keys()).filter((i) => (found.r[i] ?? Number.NaN) > threshold);
  const moved = above.filter((i) => {
    const pose = found.pose[i];
    return pose !== undefined && (pose.flipped || pose.dx !== 0 || pose.dy !== 0);
  });
  const share = (count: number): number =>
    compared === 0 || known.length === 0 ? Number.NaN : count / compared;
  return {
    images: compared,
    threshold,
    shareAbove: share(above.length),
    shareMoved: share(moved.length),
  };
}

/** Some of the rows, at even steps. */
function evenRows(rows: ImageRows, most: number): ImageRows {
  const count = Math.min(most, rows.count);
  return {
    count,
    length: rows.length,
    copy: (index, target, offset) => {
      rows.copy(Math.floor((index * rows.count) / count), target, offset);
    },
  };
}
