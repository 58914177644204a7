import { masksOf, tumourPixels } from "../../data/batches";
import { pixelsOf, type SlicePixels } from "../../data/sharded-slices";
import { CLASS_COUNT, SEQUENCES, SLICE_CHANNELS } from "../../shape";
import type { ImageStatistics } from "./study-results";

/** Bins of grey values, each of four. */
export const GREY_BINS = 64;
const GREY_PER_BIN = 256 / GREY_BINS;
/** Side of a study slice, mm: 256 pixels of 1 mm. */
const FIELD_MM = 256;

/** Counts what the histograms of tumour area and intensity need of a set, slice by slice. */
export function imageStatistics(set: SlicePixels & { readonly count: number }): ImageStatistics {
  const tumour: number[] = [];
  const counts = SEQUENCES.map(() =>
    Array.from({ length: CLASS_COUNT }, () => new Array<number>(GREY_BINS).fill(0)),
  );
  for (let n = 0; n < set.count; n++) {
    tumour.push(tumourPixels(set, n));
    countGrey(pixelsOf(set, n), masksOf(set, [n]), counts);
  }
  const [t1w = [], t1wGd = [], t2w = [], flair = []] = counts;
  return {
    slices: set.count,
    withoutTumour: tumour.filter((pixels) => pixels === 0).length,
    pixelCm2: (FIELD_MM / set.size / 10) ** 2,
    tumourPixels: tumour.filter((pixels) => pixels > 0),
    grey: { t1w, t1wGd, t2w, flair },
  };
}

/** Adds the pixels of a slice to the counts [sequence][class][bin]; value 0 is background or cut off. */
function countGrey(pixels: Uint8Array, classes: Uint8Array, counts: readonly (readonly number[][])[]): void {
  counts.forEach((ofSequence, channel) => {
    for (let i = 0, at = channel; i < classes.length; i++, at += SLICE_CHANNELS) {
      const value = pixels[at] as number;
      if (value === 0) continue;
      const ofClass = ofSequence[classes[i] as number] as number[];
      const bin = Math.floor(value / GREY_PER_BIN);
      ofClass[bin] = (ofClass[bin] as number) + 1;
    }
  });
}
