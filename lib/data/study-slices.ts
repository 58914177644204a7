import { InputError } from "../errors";
import { MASK_CHANNEL, SEQUENCES, SLICE_CHANNELS } from "../shape";
import type { SubjectVolumes } from "./brats-cohort";
import { GREY_OF_CLASS } from "./mask-code";

/** Rows and columns of a BraTS axial slice, and of the study's images. */
const BRATS_SIDE = 240;
export const STUDY_SIZE = 256;
const PADDING = (STUDY_SIZE - BRATS_SIDE) / 2;

/** A slice is kept if more than this share of its pixels is brighter than the threshold on T1. */
const SMALLEST_COVERAGE = 0.15;
const BRIGHT_THRESHOLD = 50;

/** The kept axial slices of one subject at the study's size. */
export interface StudySlices {
  /** [N, 256, 256, 5], 0 to 255, the annotation as a grey code. */
  readonly images: Uint8Array;
  /** [N], 1-based axial position of each slice. */
  readonly z: Int32Array;
}

/**
 * Axial slices as the study prepares them. Each sequence is divided by the largest value of its whole volume
 * and multiplied by 255; the slice is padded by 8 zeros a side; it is kept if more than 15 % of the 65,536
 * padded pixels exceed 50 on T1, on the scaled value before rounding. Values are then rounded to the
 * nearest integer, halves up, and clamped, as MATLAB's `uint8` does before the study writes its PNGs.
 *
 * Orientation: row 0 is anterior, column 0 is the patient's right, as radiologists look at a head. In the
 * BraTS frame that is pixel (y + 8, x + 8). The study's own PNGs are the anti-transpose (row r, column c
 * there is row 255 - c, column 255 - r here), because MATLAB's rows run along x and its NIfTI reader turns
 * volumes to RAS first; see `png-slices`.
 *
 * @throws InputError if a slice is not 240 x 240.
 * @see split_volumes_to_slices.m of the study's repository.
 */
export function studySlices(subject: SubjectVolumes): StudySlices {
  const [sizeX, sizeY, sizeZ] = subject.shape;
  if (sizeX !== BRATS_SIDE || sizeY !== BRATS_SIDE)
    throw new InputError(
      `subject ${subject.id}`,
      `has the shape ${subject.shape.join(" x ")}, expected 240 x 240 axial slices as in BraTS`,
    );
  const largest = SEQUENCES.map((sequence) => largestOf(subject.sequences[sequence]));
  const kept = keptSlices(subject.sequences.t1w, largest[0] ?? 1, sizeZ);
  const images = new Uint8Array(kept.length * STUDY_SIZE * STUDY_SIZE * SLICE_CHANNELS);
  SEQUENCES.forEach((sequence, channel) => {
    fillSequence(images, channel, subject.sequences[sequence], largest[channel] ?? 1, kept);
  });
  fillMask(images, subject.classes, kept);
  return { images, z: Int32Array.from(kept, (k) => k + 1) };
}

/** 0-based axial positions of the slices that show enough brain. */
function keptSlices(t1w: Float32Array, largest: number, sizeZ: number): number[] {
  const area = BRATS_SIDE * BRATS_SIDE;
  const needed = SMALLEST_COVERAGE * STUDY_SIZE * STUDY_SIZE;
  const kept: number[] = [];
  for (let k = 0; k < sizeZ; k++) {
    let bright = 0;
    for (let i = k * area; i < (k + 1) * area; i++)
      if (((t1w[i] as number) / largest) * 255 > BRIGHT_THRESHOLD) bright++;
    if (bright > needed) kept.push(k);
  }
  return kept;
}

function fillSequence(
  images: Uint8Array,
  channel: number,
  values: Float32Array,
  largest: number,
  kept: readonly number[],
): void {
  eachRow(kept, channel, (source, target) => {
    for (let x = 0, to = target; x < BRATS_SIDE; x++, to += SLICE_CHANNELS) {
      const scaled = Math.round(((values[source + x] as number) / largest) * 255);
      images[to] = scaled > 0 ? scaled : 0; // At most 255 by the choice of the divisor.
    }
  });
}

function fillMask(images: Uint8Array, classes: Uint8Array, kept: readonly number[]): void {
  eachRow(kept, MASK_CHANNEL, (source, target) => {
    for (let x = 0, to = target; x < BRATS_SIDE; x++, to += SLICE_CHANNELS)
      images[to] = GREY_OF_CLASS[classes[source + x] as 0 | 1 | 2 | 3];
  });
}

/** Calls back with where each row of the kept slices begins in the volume and in the images. */
function eachRow(
  kept: readonly number[],
  channel: number,
  visit: (source: number, target: number) => void,
): void {
  kept.forEach((k, n) => {
    for (let y = 0; y < BRATS_SIDE; y++) {
      const pixel = (n * STUDY_SIZE + y + PADDING) * STUDY_SIZE + PADDING;
      visit((k * BRATS_SIDE + y) * BRATS_SIDE, pixel * SLICE_CHANNELS + channel);
    }
  });
}

function largestOf(values: Float32Array): number {
  let largest = -Infinity;
  for (const value of values) if (value > largest) largest = value;
  return largest;
}
