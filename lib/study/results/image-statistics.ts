import { CLASS_OF_BYTE } from "../../data/mask-code";
import { pixelsOf, type SlicePixels } from "../../data/sharded-slices";
import { CLASS_COUNT, MASK_CHANNEL, SEQUENCES, SLICE_CHANNELS } from "../../shape";
import type { ImageStatistics } from "./study-results";

/** Bins of grey values, each of four. */
export const GREY_BINS = 64;
const GREY_PER_BIN = 256 / GREY_BINS;
/** Side of a study slice, mm: 256 pixels of 1 mm. */
const FIELD_MM = 256;

/** Counts what the histograms of tumour area and intensity need of a set, slice by slice. */
export function imageStatistics(set: SlicePixels & { readonly count: number }): ImageStatistics {
  const tumour: number[] = [];
  const counts = new Float64Array(SEQUENCES.length * CLASS_COUNT * 256); // [sequence, class, value]
  for (let n = 0; n < set.count; n++) tumour.push(countSlice(pixelsOf(set, n), counts));
  const [t1w = [], t1wGd = [], t2w = [], flair = []] = SEQUENCES.map((_, sequence) =>
    binned(counts, sequence),
  );
  return {
    slices: set.count,
    withoutTumour: tumour.filter((pixels) => pixels === 0).length,
    pixelCm2: (FIELD_MM / set.size / 10) ** 2,
    tumourPixels: tumour.filter((pixels) => pixels > 0),
    grey: { t1w, t1wGd, t2w, flair },
  };
}

/** Adds the pixels of a slice to the counts. @returns Its tumour pixels. */
function countSlice(pixels: Uint8Array, counts: Float64Array): number {
  let tumour = 0;
  for (let at = 0; at < pixels.length; at += SLICE_CHANNELS) {
    const index = CLASS_OF_BYTE[pixels[at + MASK_CHANNEL] as number] as number;
    if (index > 0) tumour++;
    for (let channel = 0; channel < MASK_CHANNEL; channel++) {
      const value = pixels[at + channel] as number;
      if (value === 0) continue; // background or cut off
      const place = (channel * CLASS_COUNT + index) * 256 + value;
      counts[place] = (counts[place] as number) + 1;
    }
  }
  return tumour;
}

/** The counts of a sequence by class and bin. */
function binned(counts: Float64Array, sequence: number): number[][] {
  return Array.from({ length: CLASS_COUNT }, (_, index) => {
    const bins = new Array<number>(GREY_BINS).fill(0);
    for (let value = 1; value < 256; value++) {
      const bin = Math.floor(value / GREY_PER_BIN);
      const place = (sequence * CLASS_COUNT + index) * 256 + value;
      bins[bin] = (bins[bin] as number) + (counts[place] as number);
    }
    return bins;
  });
}
