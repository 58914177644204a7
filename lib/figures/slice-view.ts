import { decodeMask } from "../data/mask-code";
import type { SliceSet } from "../data/slice-set";
import { MASK_CHANNEL, SEQUENCES, SLICE_CHANNELS, type Sequence } from "../shape";
import type { ClassImage, GreyImage, GreyWindow } from "./slice-tile";

/** The grey values shown as black and white, one window a sequence. */
export type SequenceWindows = Readonly<Record<Sequence, GreyWindow>>;

/** Names of the sequences as they stand over columns. */
export const SEQUENCE_LABEL: Readonly<Record<Sequence, string>> = {
  t1w: "T1w",
  t1wGd: "T1w-Gd",
  t2w: "T2w",
  flair: "FLAIR",
};

/** A part of a slice, in pixels. */
export interface Crop {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Slices of a set that are to be shown. */
export interface Shown {
  readonly set: SliceSet;
  readonly indices: readonly number[];
}

/** One sequence of one slice, or the cropped part of it. */
export function sequenceImage(
  set: SliceSet,
  index: number,
  sequence: Sequence,
  crop = wholeOf(set),
): GreyImage {
  const values = Float32Array.from(channel(set, index, SEQUENCES.indexOf(sequence), crop));
  return { width: crop.width, height: crop.height, values };
}

/** The annotation of one slice as class indices, or the cropped part of it. */
export function classImage(set: SliceSet, index: number, crop = wholeOf(set)): ClassImage {
  const classes = decodeMask(channel(set, index, MASK_CHANNEL, crop));
  return { width: crop.width, height: crop.height, classes };
}

/** Classes of a whole slice, [H, W], cut to a part of it. */
export function cropClasses(classes: Uint8Array, size: number, crop: Crop): ClassImage {
  const out = new Uint8Array(crop.width * crop.height);
  for (let y = 0; y < crop.height; y++)
    for (let x = 0; x < crop.width; x++)
      out[y * crop.width + x] = classes[(crop.top + y) * size + crop.left + x] as number;
  return { width: crop.width, height: crop.height, classes: out };
}

/** The part of the image that the heads of all shown slices need, with a margin of two pixels. */
export function commonCrop(shown: readonly Shown[]): Crop {
  const sides = shown.map(({ set }) => set.size);
  const size = Math.max(...sides);
  // Sets of different sizes have no pixels in common.
  if (sides.some((side) => side !== size)) return { left: 0, top: 0, width: size, height: size };
  const perRow = new Float64Array(size);
  const perColumn = new Float64Array(size);
  for (const { set, indices } of shown)
    for (const index of indices)
      channel(set, index, 0, wholeOf(set)).forEach((value, i) => {
        if (value <= HEAD_ABOVE) return;
        const [row, column] = [Math.floor(i / size), i % size];
        perRow[row] = (perRow[row] as number) + 1;
        perColumn[column] = (perColumn[column] as number) + 1;
      });
  const [top, bottom] = reach(perRow);
  const [left, right] = reach(perColumn);
  return { left, top, width: right - left, height: bottom - top };
}

/** T1w grey values above this count as head. */
const HEAD_ABOVE = 24;
const CROP_MARGIN = 2;

/** First and one past the last place with a count, widened by the margin; everything where there is none. */
function reach(counts: Float64Array): readonly [number, number] {
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) return [0, counts.length];
  const last = counts.length - 1 - [...counts].reverse().findIndex((count) => count > 0);
  return [Math.max(0, first - CROP_MARGIN), Math.min(counts.length, last + 1 + CROP_MARGIN)];
}

/**
 * Grey windows that hold for all figures of a study: from 0 to the given share of the values above 0 in a
 * reference set, for each sequence.
 *
 * @param share The share of the reference's values that stays below white, e.g. 0.995.
 */
export function windowsOf(reference: SliceSet, share = 0.995): SequenceWindows {
  const { images } = reference;
  const counts = new Float64Array(SLICE_CHANNELS * 256); // [channel, value]
  for (let i = 0; i < images.length; i += SLICE_CHANNELS)
    for (let channel = 0; channel < MASK_CHANNEL; channel++) {
      const value = images[i + channel] as number;
      if (value === 0) continue; // background
      const at = channel * 256 + value;
      counts[at] = (counts[at] as number) + 1;
    }
  const window = (sequence: Sequence): GreyWindow => {
    const first = SEQUENCES.indexOf(sequence) * 256;
    return { low: 0, high: percentileOfCounts(counts.subarray(first, first + 256), share) };
  };
  return { t1w: window("t1w"), t1wGd: window("t1wGd"), t2w: window("t2w"), flair: window("flair") };
}

function percentileOfCounts(counts: Float64Array, share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (let value = 0; value < counts.length; value++) {
    seen += counts[value] as number;
    if (total > 0 && seen >= share * total) return value;
  }
  return 255;
}

function wholeOf({ size }: SliceSet): Crop {
  return { left: 0, top: 0, width: size, height: size };
}

function channel(set: SliceSet, index: number, offset: number, crop: Crop): Uint8Array {
  if (!(index >= 0 && index < set.count)) throw new RangeError(`slice ${index} of a set of ${set.count}`);
  const out = new Uint8Array(crop.width * crop.height);
  for (let y = 0, to = 0; y < crop.height; y++) {
    let from = ((index * set.size + crop.top + y) * set.size + crop.left) * SLICE_CHANNELS + offset;
    for (let x = 0; x < crop.width; x++, from += SLICE_CHANNELS) out[to++] = set.images[from] as number;
  }
  return out;
}
